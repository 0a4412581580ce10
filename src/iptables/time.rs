//! The time in the comments of save files.

use crate::sys::time;

/// The local time as `ctime(3)` writes it: `Sun Nov 22 12:44:25 2026`.
///
/// ```
/// println!("# Generated on {}", libfw::iptables::timestamp());
/// ```
#[must_use]
pub fn timestamp() -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let time::LocalTime { year, month, day, hour, minute, second, weekday } = time::now();
    format!("{} {} {day:>2} {hour:02}:{minute:02}:{second:02} {year}", DAYS[weekday], MONTHS[month])
}
