//! Rules, tables and errors in JSON. The schema is in JSON.md.

use std::ffi::c_char;

use libfw::{Family, Rule};

use crate::error::{fw_error, fw_status};
use crate::ffi::{Allocated, ErrorPlace, Out, Text, guard, pointer, value};
use crate::kernel::{fw_kernel, kernel_of};
use crate::rule::{check_on, fw_rule};
use crate::table::{self, fw_table};

/// The rule in JSON, on one line, with its family and its counters. Freed with `fw_string_free`.
///
///     fw_error *error = NULL;
///     fw_rule *rule, *again;
///     if (fw_rule_parse(NULL, FW_IPV4, "-p tcp --dport 22 -j ACCEPT", &rule, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     char *json = fw_rule_json(rule);
///     if (fw_rule_from_json(NULL, json, &again, &error) == FW_OK && fw_rule_equal(rule, again))
///         puts(json);
///     fw_string_free(json);
///     fw_rule_free(rule);
///     fw_rule_free(again);
///     fw_error_free(error);
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_json(rule: Option<&fw_rule>) -> Allocated {
    value(Allocated::default(), || Allocated::new(rule?.view().to_json()))
}

/// Reads a rule from JSON, which says for which family it is. `kernel` as for `fw_rule_parse`. JSON.md has the schema: options of
/// matches and targets stand beside their names, and `{"not": VALUE}` inverts one; a target is a `verdict`, a `jump` or `goto` to a
/// chain, or an extension by the key `target`.
///
///     fw_error *error = NULL;
///     fw_rule *rule;
///     const char *json = "{\"family\": \"ipv4\", \"source\": {\"not\": \"10.0.0.0/8\"}, \"protocol\": \"tcp\","
///                        " \"matches\": [{\"match\": \"tcp\", \"dport\": 22}], \"target\": {\"verdict\": \"DROP\"}}";
///     if (fw_rule_from_json(NULL, json, &rule, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     else
///         puts(fw_rule_text(rule));
///     fw_rule_free(rule);
///     fw_error_free(error);
///
/// Errors: FW_ERROR_SYNTAX when the text is not of this form, and those of `fw_rule_parse`; `fw_error_line`, `fw_error_column` and
/// `fw_error_path` say where it is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn fw_rule_from_json(
    kernel: Option<&fw_kernel>,
    json: Text,
    rule: Out<Option<Box<fw_rule>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, rule, || {
        let read = Rule::from_json(json.bytes("json")?)?;
        check_on(kernel, &read)?;
        Ok(Some(fw_rule::boxed(read)))
    })
}

/// The table in JSON, each rule on a line, with counters. Freed with `fw_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_json(table: Option<&fw_table>) -> Allocated {
    value(Allocated::default(), || Allocated::new(table::of(table).ok()?.to_json()))
}

/// A chain of the table in JSON, as it stands in that of the table. Freed with `fw_string_free`. NULL if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn fw_chain_json(table: Option<&fw_table>, chain: Text) -> Allocated {
    value(Allocated::default(), || {
        let chain = table::of(table).ok()?.chain(chain.bytes("chain").ok()?)?;
        Allocated::new(chain.to_json())
    })
}

/// Makes the table what a text in JSON says, policies and counters included: chains that it does not name go, and built-in ones
/// lose their rules. Nothing is written before `fw_table_commit`.
///
/// Errors: as for `fw_rule_from_json`; FW_ERROR_INVALID_ARGUMENT when it is of another table. The table is then as it was.
#[unsafe(no_mangle)]
pub extern "C" fn fw_table_set_json(
    table: Option<&mut fw_table>,
    json: Text,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || Ok(table::of_mut(table)?.set_json(json.bytes("json")?)?))
}

/// Every table of both families that there is, in JSON; with counters on demand. Freed with `fw_string_free`.
///
/// Errors: as for `fw_kernel_tables` and `fw_table_open`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_save_json(
    kernel: Option<&fw_kernel>,
    counters: bool,
    json: Out<Allocated>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, json, || {
        let mut out = Vec::new();
        kernel_of(kernel).save_json(&Family::ALL, counters, &mut out)?;
        Ok(Allocated::new(out).unwrap_or_default())
    })
}

/// Makes tables of both families what a text in JSON says, all of them or none. Tables that it does not name stay as they are.
///
///     fw_error *error = NULL;
///     const char *json =
///         "{\"format\": \"libfw.tables/1\", \"tables\": [{\"family\": \"ipv4\", \"table\": \"filter\", \"chains\": ["
///         "{\"chain\": \"INPUT\", \"policy\": \"DROP\", \"rules\": [{\"in_interface\": \"lo\", \"target\": {\"verdict\": \"ACCEPT\"}}]}"
///         "]}]}";
///     if (fw_restore_json(NULL, json, &error) != FW_OK)
///         fprintf(stderr, "%s\n", fw_error_text(error));
///     fw_error_free(error);
///
/// Errors: as for `fw_table_set_json` and `fw_transaction_commit`, with the place in the text of the rule that is refused.
#[unsafe(no_mangle)]
pub extern "C" fn fw_restore_json(kernel: Option<&fw_kernel>, json: Text, error: ErrorPlace) -> fw_status {
    guard(error, (), || {
        kernel_of(kernel).restore_json(json.bytes("json")?)?;
        Ok(())
    })
}

/// All that is known of an error in JSON, on one line, by the names of the functions that give it. NULL for NULL and for an error of
/// the C interface itself.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_json(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(fw_error::json))
}

/// The way to what is wrong in a text of JSON, such as `tables[0].chains[2].rules[5].source`; or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_error_path(error: Option<&fw_error>) -> *const c_char {
    pointer(error.and_then(fw_error::path))
}
