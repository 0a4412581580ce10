//! Save files and command lines of iptables.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use libfw::Family;
use libfw::iptables::{self, Foreign, Outcome, RestoreOptions, TooLong, XmlOptions};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::convert;
use crate::error::call;
use crate::given::{self, given, maybe, name};
use crate::kernel::shared;

/// Tables as `iptables-save` writes them, without the comments around each: those that are named, or every one of the family that
/// there is. With `file`, a path or an open file, they are written there.
#[pyfunction]
#[pyo3(signature = (*tables, family=None, counters=false, kernel=None, file=None))]
pub(crate) fn save(
    py: Python<'_>,
    tables: &Bound<'_, PyTuple>,
    family: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    kernel: Option<&Bound<'_, PyAny>>,
    file: Option<&Bound<'_, PyAny>>,
) -> PyResult<OsString> {
    let (kernel, family) = (shared(kernel)?, convert::family(family)?);
    let tables = tables.iter().map(|name| table_name(&name)).collect::<PyResult<Vec<_>>>()?;
    convert::no_families(&tables)?;
    let text = call(py, || {
        let mut out = Vec::new();
        if tables.is_empty() {
            iptables::save_all(&kernel, family, counters, &mut out)?;
        }
        for name in &tables {
            let table = kernel.open(family, name)?;
            // Writing to memory cannot fail.
            let _ = iptables::save(&table, counters, &mut out);
        }
        Ok(out)
    })?;
    if let Some(file) = file {
        convert::output(file, text.clone())?;
    }
    Ok(convert::os_string(text))
}

/// The name of a table to be saved, where others expect that of the file.
fn table_name(name: &Bound<'_, PyAny>) -> PyResult<String> {
    match name.extract::<String>() {
        Ok(name) if !name.contains('/') => Ok(name),
        _ => {
            let shown = name.repr()?;
            let message =
                format!("expected the name of a table, not {shown}; save(file=...) writes to a file");
            Err(PyTypeError::new_err(message))
        }
    }
}

/// Every table of both families that there is, in JSON; JSON.md has the schema.
#[pyfunction]
#[pyo3(signature = (*, counters=false, kernel=None))]
pub(crate) fn save_json(
    py: Python<'_>,
    #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    kernel: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let kernel = shared(kernel)?;
    let json = call(py, || {
        let mut out = Vec::new();
        kernel.save_json(&Family::ALL, counters, &mut out)?;
        Ok(out)
    })?;
    Ok(String::from_utf8_lossy(&json).into_owned())
}

/// Makes tables of both families what a text in JSON says, all of them or none. Tables that it does not name stay as they are. An
/// error has the line, the column and the `path` of what is wrong with the text.
#[pyfunction]
#[pyo3(signature = (json, kernel=None))]
pub(crate) fn restore_json(
    py: Python<'_>,
    json: &Bound<'_, PyAny>,
    kernel: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let (kernel, json) = (shared(kernel)?, convert::input("json", json)?);
    call(py, || kernel.restore_json(&json).map(drop))
}

/// Restores tables from a save file, one commit for each. With `noflush`, rules and chains that the file does not mention
/// stay; with `test` nothing is committed; with `table` only that one is restored; with `cut` texts that are too long are
/// cut, as iptables does, where they are errors otherwise. `foreign` says what becomes of what `nft` has put into a table of
/// nf_tables that is replaced: `"refuse"`, which is an error, `"replace"`, as iptables-nft-restore does, or `"keep"`.
/// With `atomic` all tables are written at the end, or none. With `test` and `strict` each table is looked at as the kernel would,
/// and `others` of the error has all else that is wrong.
/// The file is given as its text, its bytes, its path (`pathlib.Path`), or open. What is odd but not wrong is a `RuleWarning`.
#[pyfunction]
#[pyo3(signature = (text, family=None, *, counters=false, noflush=false, test=false, cut=false, atomic=false, strict=false, table=None, foreign="refuse", kernel=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn restore(
    py: Python<'_>,
    text: &Bound<'_, PyAny>,
    family: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = given::flag::<name::counters>)] counters: bool,
    #[pyo3(from_py_with = given::flag::<name::noflush>)] noflush: bool,
    #[pyo3(from_py_with = given::flag::<name::test>)] test: bool,
    #[pyo3(from_py_with = given::flag::<name::cut>)] cut: bool,
    #[pyo3(from_py_with = given::flag::<name::atomic>)] atomic: bool,
    #[pyo3(from_py_with = given::flag::<name::strict>)] strict: bool,
    table: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = given::choice::<name::foreign>)] foreign: &str,
    kernel: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let (kernel, family) = (shared(kernel)?, convert::family(family)?);
    // A text of a program often lacks the end of its last line, without which iptables takes a COMMIT for part of a file.
    let unfinished = text.is_instance_of::<PyString>();
    let mut text = save_file(text, "restore")?;
    if unfinished && text.last().is_some_and(|byte| *byte != b'\n') {
        text.push(b'\n');
    }
    let mut options = RestoreOptions::new()
        .counters(counters)
        .noflush(noflush)
        .test(test)
        .atomic(atomic)
        .strict(strict)
        .too_long(too_long(cut))
        .foreign(foreign_of(foreign));
    options.table = maybe("table", "the name of a table", table)?;
    let warnings = call(py, || {
        let (mut reader, mut warnings) = (text.as_slice(), Vec::new());
        let warn = &mut |warning: &str| warnings.push(warning.to_owned());
        let done = iptables::restore_to(&kernel, family, &mut reader, &options, &mut std::io::sink(), warn);
        done.map_err(|error| iptables::quote(error, &text))?;
        Ok(warnings)
    })?;
    convert::warn(py, warnings)
}

/// A save file for a function, given as its text, its bytes, its path, or open.
fn save_file(text: &Bound<'_, PyAny>, function: &str) -> PyResult<Vec<u8>> {
    if let Ok(path) = text.cast::<PyString>().map(|text| text.to_string_lossy())
        && path.contains('/')
        && !path.contains('\n')
        && !path.starts_with(['#', '*'])
    {
        let message = format!("expected a save file, not its name: libfw.{function}(pathlib.Path({path:?}))");
        return Err(PyValueError::new_err(message));
    }
    convert::input("text", text)
}

/// What becomes of what `nft` has put into a table.
fn foreign_of(word: &str) -> Foreign {
    match word {
        "replace" => Foreign::Replace,
        "keep" => Foreign::Keep,
        _ => Foreign::Refuse,
    }
}

/// What becomes of texts that are too long.
pub(crate) fn too_long(cut: bool) -> TooLong {
    if cut { TooLong::Cut } else { TooLong::Refuse }
}

/// The family and the arguments of a command line, the program's name included.
fn command_line(args: &Bound<'_, PyAny>) -> PyResult<(Family, Vec<Vec<u8>>)> {
    if args.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(
            "a command is a list of words, not a text; shlex.split() makes one of it",
        ));
    }
    let mut args = given::<Vec<OsString>>("args", "a list of words", args)?.into_iter();
    let name = args.next().unwrap_or_default();
    let family = match name.to_str().and_then(|name| name.rsplit('/').next()) {
        Some("iptables") => Family::Ipv4,
        Some("ip6tables") => Family::Ipv6,
        Some("arptables") => Family::Arp,
        _ => {
            let given = name.to_string_lossy();
            let hint = match given.as_ref() {
                save if save.ends_with("tables-save") => "; libfw.save() has the text",
                restore if restore.ends_with("tables-restore") => "; libfw.restore() takes the text",
                _ => "",
            };
            let message =
                format!("args: expected iptables, ip6tables or arptables first, not {given:?}{hint}");
            return Err(PyValueError::new_err(message));
        }
    };
    Ok((family, args.map(OsString::into_vec).collect()))
}

/// What comes of work that writes and warns, with what it has written and its warnings.
fn written<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut Vec<u8>, &mut dyn FnMut(&str)) -> libfw::Result<T> + Send,
) -> PyResult<(T, OsString, Vec<String>)> {
    let (done, out, warnings) = call(py, || {
        let (mut out, mut warnings) = (Vec::new(), Vec::new());
        let done = work(&mut out, &mut |warning| warnings.push(warning.to_owned()))?;
        Ok((done, out, warnings))
    })?;
    Ok((done, convert::os_string(out), warnings))
}

/// What a command line does, unless it asks for something else.
fn done(outcome: Outcome) -> PyResult<()> {
    match outcome {
        Outcome::Done => Ok(()),
        _ => Err(PyValueError::new_err(
            "the arguments ask for help, a version or the other family; `python -m libfw` with them answers",
        )),
    }
}

/// Carries out a command line of `iptables`, `ip6tables` or `arptables`, the program's name included, and returns what the command
/// prints and its warnings. Nothing is executed.
#[pyfunction]
#[pyo3(signature = (args, kernel=None))]
pub(crate) fn run(
    py: Python<'_>,
    args: &Bound<'_, PyAny>,
    kernel: Option<&Bound<'_, PyAny>>,
) -> PyResult<(OsString, Vec<String>)> {
    let (kernel, (family, args)) = (shared(kernel)?, command_line(args)?);
    let (outcome, out, warnings) = written(py, |out, warn| iptables::run(&kernel, family, args, out, warn))?;
    done(outcome)?;
    Ok((out, warnings))
}

/// The line of `nft` for what a command line of `iptables` or `ip6tables` does, the program's name included, as `iptables-translate`
/// writes it. What nft cannot say is a comment, `nft # ...`.
///
///     args = ["iptables", "-A", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT"]
///     assert libfw.translate(args) == "nft 'add rule ip filter INPUT tcp dport 22 counter accept'\n"
#[pyfunction]
pub(crate) fn translate(py: Python<'_>, args: &Bound<'_, PyAny>) -> PyResult<OsString> {
    let (family, args) = command_line(args)?;
    let (outcome, out, warnings) = written(py, |out, warn| iptables::translate(family, args, out, warn))?;
    done(outcome)?;
    convert::warn(py, warnings)?;
    Ok(out)
}

/// A save file in the language of `nft`, as `iptables-restore-translate` writes it without its first and last line. The file is given
/// as to `restore()`; an error has the number of the line.
///
///     nft = libfw.translate_file("*filter\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n")
///     assert "add rule ip filter INPUT tcp dport 22 counter accept" in nft
#[pyfunction]
#[pyo3(signature = (text, family=None))]
pub(crate) fn translate_file(
    py: Python<'_>,
    text: &Bound<'_, PyAny>,
    family: Option<&Bound<'_, PyAny>>,
) -> PyResult<OsString> {
    let (family, text) = (convert::family(family)?, save_file(text, "translate_file")?);
    let ((), out, warnings) =
        written(py, |out, warn| iptables::translate_file(family, text.as_slice(), out, warn))?;
    convert::warn(py, warnings)?;
    Ok(out)
}

/// A save file as XML, as `iptables-xml` writes it. With `combine` rules that follow each other and have the same conditions are one with
/// several actions; with `verbose` the lines of the file are comments. The file is given as to `restore()`.
///
///     xml = libfw.to_xml("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n")
///     assert "<i >lo</i>" in xml
#[pyfunction]
#[pyo3(signature = (text, *, combine=false, verbose=false))]
pub(crate) fn to_xml(
    py: Python<'_>,
    text: &Bound<'_, PyAny>,
    #[pyo3(from_py_with = given::flag::<name::combine>)] combine: bool,
    #[pyo3(from_py_with = given::flag::<name::verbose>)] verbose: bool,
) -> PyResult<OsString> {
    let text = save_file(text, "to_xml")?;
    let options = XmlOptions::new().combine(combine).verbose(verbose);
    let out = call(py, || {
        let mut out = Vec::new();
        iptables::xml(text.as_slice(), options, &mut out)?;
        Ok(out)
    })?;
    Ok(convert::os_string(out))
}
