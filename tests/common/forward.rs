//! For stand-ins of a kernel that differ from another in some answers.

/// In an `impl Blobs` or `impl Host`: these questions are put to what is in a field.
macro_rules! forward {
    ($field:ident: $($method:ident),+) => { $(forward!(@ $method $field);)+ };
    (@ info $field:ident) => {
        fn info(&self, family: libfw::Family, table: &str) -> libfw::Result<libfw::backend::Info> {
            self.$field.info(family, table)
        }
    };
    (@ entries $field:ident) => {
        fn entries(
            &self,
            family: libfw::Family,
            table: &str,
            info: &libfw::backend::Info,
            buffer: &mut Vec<u8>,
        ) -> libfw::Result<()> {
            self.$field.entries(family, table, info, buffer)
        }
    };
    (@ replace $field:ident) => {
        fn replace(
            &self,
            family: libfw::Family,
            table: &str,
            info: &libfw::backend::Info,
            request: &mut [u8],
            old: &mut [libfw::Counters],
        ) -> libfw::Result<()> {
            self.$field.replace(family, table, info, request, old)
        }
    };
    (@ add_counters $field:ident) => {
        fn add_counters(
            &self,
            family: libfw::Family,
            table: &str,
            request: &mut [libfw::Counters],
        ) -> libfw::Result<()> {
            self.$field.add_counters(family, table, request)
        }
    };
    (@ tables $field:ident) => {
        fn tables(&self, family: libfw::Family) -> libfw::Result<Vec<String>> {
            self.$field.tables(family)
        }
    };
    (@ supports $field:ident) => {
        fn supports(
            &self,
            family: libfw::Family,
            kind: libfw::ext::ExtensionKind,
            name: &str,
            revision: u8,
        ) -> libfw::Result<bool> {
            self.$field.supports(family, kind, name, revision)
        }
    };
    (@ set_by_name $field:ident) => {
        fn set_by_name(&self, name: &[u8]) -> libfw::Result<Option<libfw::backend::SetInfo>> {
            self.$field.set_by_name(name)
        }
    };
    (@ set_by_index $field:ident) => {
        fn set_by_index(&self, index: u16) -> libfw::Result<Option<Vec<u8>>> {
            self.$field.set_by_index(index)
        }
    };
}
pub(crate) use forward;
