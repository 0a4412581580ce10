//! Save files of all shapes and sizes, and the work on them that is measured without a kernel.

pub mod micro;
pub mod workload;
