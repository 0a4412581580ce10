//! Several tables, written together.

use libfw::{Kernel, Table};

use crate::error::{fw_status, required};
use crate::ffi::{ErrorPlace, Number, Out, Text, free, guard};
use crate::kernel::{fw_family, fw_kernel, kernel_of};
use crate::table::fw_table;

/// Tables of both families that are edited under one lock and written together, all or none. Freed with
/// `fw_transaction_free`.
pub struct fw_transaction {
    kernel: Kernel,
    /// Boxed, because callers have their addresses.
    #[allow(clippy::vec_box, reason = "callers have their addresses")]
    tables: Vec<Box<fw_table>>,
}

/// Takes the lock for a transaction, which holds it until it is freed.
///
/// Errors: as for `fw_lock_take`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_transaction_begin(
    kernel: Option<&fw_kernel>,
    transaction: Out<Option<Box<fw_transaction>>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, transaction, || {
        let kernel = kernel_of(kernel);
        let kernel = kernel.clone().with_lock(&kernel.lock()?);
        Ok(Some(Box::new(fw_transaction { kernel, tables: Vec::new() })))
    })
}

/// A table of a transaction, read when it is first asked for. It belongs to the transaction and lives as long: it must not be
/// freed.
///
/// Errors: as for `fw_table_open_locked`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_transaction_table<'a>(
    transaction: Option<&'a mut fw_transaction>,
    family: Number<fw_family>,
    name: Text,
    table: Out<Option<&'a mut fw_table>>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, table, || {
        let fw_transaction { kernel, tables } = required(transaction, "transaction")?;
        let (family, name) = (crate::kernel::family(&family)?, name.str("name")?);
        let is_it = |table: &Table| (table.family(), table.name()) == (family, name);
        let index = match tables.iter().position(|known| is_it(&known.table)) {
            Some(index) => index,
            None => {
                tables.push(fw_table::boxed(kernel.open_locked(family, name)?));
                tables.len() - 1
            }
        };
        Ok(tables.get_mut(index).map(|table| &mut **table))
    })
}

/// Writes the edits of all tables of a transaction, or none. In nf_tables that is one step. In the xtables interface the tables
/// are replaced one after the other, and when one is refused those before it are put back with their counters. The tables can
/// be edited and committed again.
///
/// Errors: those of `fw_table_commit`, for the table that `fw_error_table` names; nothing is changed then.
/// FW_ERROR_PARTLY_COMMITTED when a table that was written could not be put back; its message names both.
#[unsafe(no_mangle)]
pub extern "C" fn fw_transaction_commit(
    transaction: Option<&mut fw_transaction>,
    error: ErrorPlace,
) -> fw_status {
    guard(error, (), || {
        let tables = &mut required(transaction, "transaction")?.tables;
        Table::commit_all(&mut tables.iter_mut().map(|table| &mut table.table).collect::<Vec<_>>())?;
        Ok(())
    })
}

/// Frees a transaction and its tables, and gives the lock back. Edits that are not committed are forgotten. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn fw_transaction_free(transaction: Option<Box<fw_transaction>>) {
    free(transaction);
}
