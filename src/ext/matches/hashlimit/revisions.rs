//! The layouts of `hashlimit` through its revisions, older ones as a subset of the newest.

use super::{NAME_MAX, XT_HASHLIMIT_BYTES, XT_HASHLIMIT_SCALE_V2};
use crate::ext::prelude::*;
use crate::ext::values::LIMIT_SCALE;
use crate::types::KernelString;

const XT_HASHLIMIT_BURST_MAX_V1: u64 = 10_000;

raw! {
    "linux/netfilter/xt_hashlimit.h"

    struct xt_hashlimit_mtinfo3 {
        name: [u8; NAME_MAX],
        _padding: [u8; 1],
        avg = "cfg.avg": u64,
        burst = "cfg.burst": u64,
        mode = "cfg.mode": u32,
        size = "cfg.size": u32,
        max = "cfg.max": u32,
        gc_interval = "cfg.gc_interval": u32,
        expire = "cfg.expire": u32,
        interval = "cfg.interval": u32,
        srcmask = "cfg.srcmask": u8,
        dstmask = "cfg.dstmask": u8,
        _padding2: [u8; 6];
        kernel:
        hinfo: u64,
    }

    struct xt_hashlimit_mtinfo2 {
        name: [u8; NAME_MAX],
        _padding: [u8; 1],
        avg = "cfg.avg": u64,
        burst = "cfg.burst": u64,
        mode = "cfg.mode": u32,
        size = "cfg.size": u32,
        max = "cfg.max": u32,
        gc_interval = "cfg.gc_interval": u32,
        expire = "cfg.expire": u32,
        srcmask = "cfg.srcmask": u8,
        dstmask = "cfg.dstmask": u8,
        _padding2: [u8; 2];
        kernel:
        hinfo: u64,
    }

    struct xt_hashlimit_mtinfo1 {
        name: [u8; 16],
        mode = "cfg.mode": u32,
        avg = "cfg.avg": u32,
        burst = "cfg.burst": u32,
        size = "cfg.size": u32,
        max = "cfg.max": u32,
        gc_interval = "cfg.gc_interval": u32,
        expire = "cfg.expire": u32,
        srcmask = "cfg.srcmask": u8,
        dstmask = "cfg.dstmask": u8,
        _padding: [u8; 2];
        kernel:
        hinfo: u64,
    }

    /// Revision 0, which looks only at what is within the rate.
    struct xt_hashlimit_info {
        name: [u8; 16],
        mode = "cfg.mode": u32,
        avg = "cfg.avg": u32,
        burst = "cfg.burst": u32,
        size = "cfg.size": u32,
        max = "cfg.max": u32,
        gc_interval = "cfg.gc_interval": u32,
        expire = "cfg.expire": u32,
        _padding: [u8; 4];
        kernel:
        hinfo: u64,
        ptr = "u.ptr": u64,
    }
}

/// Writes the revision of the context.
pub(super) fn put(raw: &xt_hashlimit_mtinfo3, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
    if cx.revision >= 3 {
        payload.put(raw);
        return Ok(());
    }
    if raw.interval != 0 {
        return Err(needs_revision(3, cx));
    }
    let xt_hashlimit_mtinfo3 { avg, burst, mode, size, max, gc_interval, expire, srcmask, dstmask, .. } =
        *raw;
    if cx.revision == 2 {
        payload.put(&xt_hashlimit_mtinfo2 {
            name: raw.name,
            avg,
            burst,
            mode,
            size,
            max,
            gc_interval,
            expire,
            srcmask,
            dstmask,
            ..xt_hashlimit_mtinfo2::new_zeroed()
        });
        return Ok(());
    }
    let name: KernelString<16> =
        KernelString::new(raw.name.split(|byte| *byte == 0).next().unwrap_or_default());
    fits("hashlimit-name", &name)?;
    // Older kernels count time in larger steps.
    let avg = if mode & XT_HASHLIMIT_BYTES != 0 {
        avg
    } else {
        avg / u64::from(XT_HASHLIMIT_SCALE_V2 / LIMIT_SCALE)
    };
    let (Ok(avg), Ok(burst)) = (u32::try_from(avg.max(1)), u32::try_from(burst)) else {
        return Err(needs_revision(2, cx));
    };
    if u64::from(burst) > XT_HASHLIMIT_BURST_MAX_V1 {
        return Err(needs_revision(2, cx));
    }
    if cx.revision == 1 {
        payload.put(&xt_hashlimit_mtinfo1 {
            name: name.array(),
            mode,
            avg,
            burst,
            size,
            max,
            gc_interval,
            expire,
            srcmask,
            dstmask,
            ..xt_hashlimit_mtinfo1::new_zeroed()
        });
        return Ok(());
    }
    let full = cx.family.pick(32, 128);
    if mode & !0xf != 0 || srcmask != full || dstmask != full {
        return Err(needs_revision(1, cx));
    }
    payload.put(&xt_hashlimit_info {
        name: name.array(),
        mode,
        avg,
        burst,
        size,
        max,
        gc_interval,
        expire,
        ..xt_hashlimit_info::new_zeroed()
    });
    Ok(())
}

/// Reads the revision of the context as the newest, and the fractions of a second in which its rate counts.
pub(super) fn get(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<(xt_hashlimit_mtinfo3, u32)> {
    let mut all = xt_hashlimit_mtinfo3::new_zeroed();
    match cx.revision {
        3.. => return Ok((read_raw(bytes)?, XT_HASHLIMIT_SCALE_V2)),
        2 => {
            let raw: xt_hashlimit_mtinfo2 = read_raw(bytes)?;
            all.name = raw.name;
            (all.avg, all.burst, all.mode, all.size) = (raw.avg, raw.burst, raw.mode, raw.size);
            (all.max, all.gc_interval, all.expire) = (raw.max, raw.gc_interval, raw.expire);
            (all.srcmask, all.dstmask) = (raw.srcmask, raw.dstmask);
            return Ok((all, XT_HASHLIMIT_SCALE_V2));
        }
        1 => {
            let raw: xt_hashlimit_mtinfo1 = read_raw(bytes)?;
            all.name[..16].copy_from_slice(&raw.name);
            (all.avg, all.burst, all.mode, all.size) = (raw.avg.into(), raw.burst.into(), raw.mode, raw.size);
            (all.max, all.gc_interval, all.expire) = (raw.max, raw.gc_interval, raw.expire);
            (all.srcmask, all.dstmask) = (raw.srcmask, raw.dstmask);
        }
        0 => {
            let raw: xt_hashlimit_info = read_raw(bytes)?;
            all.name[..16].copy_from_slice(&raw.name);
            (all.avg, all.burst, all.mode, all.size) = (raw.avg.into(), raw.burst.into(), raw.mode, raw.size);
            (all.max, all.gc_interval, all.expire) = (raw.max, raw.gc_interval, raw.expire);
            let full = cx.family.pick(32, 128);
            (all.srcmask, all.dstmask) = (full, full);
        }
    }
    Ok((all, LIMIT_SCALE))
}
