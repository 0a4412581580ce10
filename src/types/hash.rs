//! Maps and sets that need no random numbers of the system.
//!
//! Those of the standard library panic where `getrandom(2)` fails, as under a filter of system calls. Keys here are names, rules and
//! numbers of tables that only root can fill, so whoever could choose keys that collide can fill a table anyway: it is enough that
//! the seed is another one in each process.

pub(crate) use foldhash::fast::RandomState;

pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
