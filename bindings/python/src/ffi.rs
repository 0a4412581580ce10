//! The edge: what loops over rules need and PyO3 has only with ceremony that takes longer than the work. All `unsafe` of this crate is
//! here.

#![allow(unsafe_code)]

use std::ffi::{CString, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use pyo3::exceptions::PyTypeError;
use pyo3::impl_::pymethods::tp_new_impl;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use pyo3::{PyClass, PyClassInitializer, ffi};

use crate::known::KnownPart;

/// What reads an attribute of an object, of which it is told what there is to know of the attribute.
pub(crate) type Read<T, C> = for<'py> fn(&Bound<'py, T>, &C) -> PyResult<Bound<'py, PyAny>>;

/// A getter and what it is told.
struct Getter<T, C> {
    read: Read<T, C>,
    told: C,
}

/// An attribute of a class that derives from `T`, which `read` reads and nobody sets. Python calls it in a third of the instructions
/// that a getter of PyO3 takes.
pub(crate) fn attribute<'py, T: PyClass, C: Sync + 'static>(
    class: &Bound<'py, PyType>,
    name: &str,
    doc: &str,
    read: Read<T, C>,
    told: C,
) -> PyResult<Bound<'py, PyAny>> {
    if !class.is_subclass_of::<T>()? {
        return Err(PyTypeError::new_err(format!("{class} has another base")));
    }
    // A descriptor may outlive its class.
    let text = |text: &str| PyResult::Ok(CString::new(text)?.into_raw().cast_const());
    let definition = Box::leak(Box::new(ffi::PyGetSetDef {
        name: text(name)?,
        get: Some(get::<T, C>),
        set: None,
        doc: text(doc)?,
        closure: std::ptr::from_mut(Box::leak(Box::new(Getter { read, told }))).cast(),
    }));
    // SAFETY: the class is one, and the definition with all it points to is there for good.
    let made = unsafe { ffi::PyDescr_NewGetSet(class.as_type_ptr(), definition) };
    // SAFETY: a new reference, or NULL and an exception.
    unsafe { Bound::from_owned_ptr_or_err(class.py(), made) }
}

unsafe extern "C" fn get<T: PyClass, C>(
    object: *mut ffi::PyObject,
    getter: *mut c_void,
) -> *mut ffi::PyObject {
    // SAFETY: who calls a getter is attached to the interpreter.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: the caller's reference outlives the call.
    let object = unsafe { Borrowed::from_ptr(py, object) };
    // SAFETY: the descriptor has made sure that this is an instance of its class, which derives from `T`.
    let object = unsafe { object.cast_unchecked::<T>() };
    // SAFETY: `attribute` has put it there for good.
    let getter = unsafe { &*getter.cast::<Getter<T, C>>() };
    let error = match catch_unwind(AssertUnwindSafe(|| (getter.read)(&object, &getter.told))) {
        Ok(Ok(value)) => return value.into_ptr(),
        Ok(Err(error)) => error,
        Err(_) => PanicException::new_err("a getter panicked"),
    };
    error.restore(py);
    null_mut()
}

/// An object of a class, of which nothing is set yet: what `class.__new__(class)` makes.
pub(crate) fn blank<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    let (py, class) = (class.py(), class.as_type_ptr());
    // SAFETY: the class is one that a program has made, of which every Python has the slots.
    let new = unsafe { ffi::PyType_GetSlot(class, ffi::Py_tp_new) };
    if new.is_null() {
        return Err(PyTypeError::new_err("the class makes no objects"));
    }
    // SAFETY: what that slot holds is such a function.
    let new = unsafe { std::mem::transmute::<*mut c_void, ffi::newfunc>(new) };
    // SAFETY: the arguments are a class whose slot it is, a tuple, and NULL for no keywords.
    let made = unsafe { new(class, PyTuple::empty(py).as_ptr(), null_mut()) };
    // SAFETY: a new reference, or NULL and an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, made) }
}

/// A class that derives from `KnownPart`.
pub(crate) struct PartClass(Py<PyType>);

impl PartClass {
    pub(crate) fn new(class: Bound<'_, PyAny>) -> PyResult<PartClass> {
        let class = class.cast_into::<PyType>()?;
        match class.is_subclass_of::<KnownPart>()? {
            true => Ok(PartClass(class.unbind())),
            false => Err(PyTypeError::new_err(format!("{class} is no class of matches or targets"))),
        }
    }

    /// A match or target of the class, which is not called.
    pub(crate) fn make<'py>(&self, py: Python<'py>, part: KnownPart) -> PyResult<Bound<'py, PyAny>> {
        let class = self.0.bind(py).as_type_ptr();
        // SAFETY: the class derives from that of the initializer, and cannot come to have a base of another layout.
        let made = unsafe { tp_new_impl::<_, KnownPart>(py, PyClassInitializer::from(part), class) }?;
        // SAFETY: a new reference.
        Ok(unsafe { Bound::from_owned_ptr(py, made) })
    }
}
