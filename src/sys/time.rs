//! The local time.

/// Year, month (0 to 11), day of the month, hour, minute, second and day of the week (0 is Sunday).
pub(crate) struct LocalTime {
    pub(crate) year: i32,
    pub(crate) month: usize,
    pub(crate) day: i32,
    pub(crate) hour: i32,
    pub(crate) minute: i32,
    pub(crate) second: i32,
    pub(crate) weekday: usize,
}

/// The local time now, in the system's time zone.
pub(crate) fn now() -> LocalTime {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = now.as_secs() as _;
    // SAFETY: `struct tm` is plain old data for which all zeros is a valid value.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call, and `localtime_r` keeps neither. On failure `tm` stays zero.
    unsafe { libc::localtime_r(&raw const seconds, &raw mut tm) };
    LocalTime {
        year: tm.tm_year + 1900,
        month: tm.tm_mon.clamp(0, 11) as usize,
        day: tm.tm_mday,
        hour: tm.tm_hour,
        minute: tm.tm_min,
        second: tm.tm_sec,
        weekday: tm.tm_wday.clamp(0, 6) as usize,
    }
}
