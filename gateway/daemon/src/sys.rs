//! The few questions to the kernel that the standard library does not put.
#![expect(unsafe_code, reason = "libc is called here and nowhere else in this program")]

use crate::clock::Kernel;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Milliseconds since power-on, sleep included (`CLOCK_BOOTTIME`).
pub(crate) fn since_boot_ms() -> io::Result<u64> {
    let mut at = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the kernel fills the struct it is given a valid pointer to, and says so by 0.
    let at = unsafe {
        if libc::clock_gettime(libc::CLOCK_BOOTTIME, at.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        at.assume_init()
    };
    let (s, ns) = (u64::try_from(at.tv_sec).unwrap_or(0), u64::try_from(at.tv_nsec).unwrap_or(0));
    Ok(s.saturating_mul(1000).saturating_add(ns / 1_000_000))
}

/// How the kernel judges its wall clock (adjtimex(2)); changes nothing and needs no privilege.
pub(crate) fn kernel_clock() -> io::Result<Kernel> {
    let mut told = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: all zero is a valid timex; with `modes` 0 the kernel only fills it in.
    let (state, told) = unsafe {
        let state = libc::adjtimex(told.as_mut_ptr());
        (state, told.assume_init())
    };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Kernel { error: state == libc::TIME_ERROR, unsynchronised: told.status & libc::STA_UNSYNC != 0 })
}

/// Whether the clock chip says that its voltage was too low to keep the time (`RTC_VL_READ` of rtc(4)). A chip that
/// cannot be asked says nothing.
pub(crate) fn rtc_lost_time() -> bool {
    /// `_IOR('p', 0x13, unsigned int)` of linux/rtc.h.
    const RTC_VL_READ: u32 = 0x8004_7013;
    /// The time is not reliable.
    const DATA_INVALID: libc::c_uint = 1;
    let Ok(chip) = std::fs::File::open("/dev/rtc0") else { return false };
    let mut flags: libc::c_uint = 0;
    // SAFETY: the call writes one unsigned int, which lives through it; the descriptor is open.
    let asked = unsafe { libc::ioctl(chip.as_raw_fd(), RTC_VL_READ as _, &raw mut flags) };
    asked == 0 && flags & DATA_INVALID != 0
}

/// Kills a process that leads its own group, with all it has started.
pub(crate) fn kill_group(leader: u32) {
    let Some(group) = i32::try_from(leader).ok().filter(|g| *g > 1) else { return };
    // SAFETY: no memory is involved; a group that is gone is an error that changes nothing.
    let gone = unsafe { libc::kill(-group, libc::SIGKILL) } != 0;
    log::debug!(group, gone; "killed a process group");
}

/// What a process that is not ours may take at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Confines {
    /// Processor time, seconds.
    pub(crate) cpu_s: u64,
    /// Memory of its own, bytes.
    pub(crate) memory: u64,
    /// Largest file it may write, bytes.
    pub(crate) file: u64,
    /// How far it stands back for others, 0–19.
    pub(crate) nice: i32,
}

/// Starts a command with these limits in a process group of its own; where memory is short, it is the first to go.
pub(crate) fn confine(command: &mut Command, confines: Confines) {
    let Confines { cpu_s, memory, file, nice } = confines;
    let limit = |what, most: u64| {
        let limit = libc::rlimit { rlim_cur: most as libc::rlim_t, rlim_max: most as libc::rlim_t };
        // SAFETY: the call reads one struct that lives through it.
        if unsafe { libc::setrlimit(what, &raw const limit) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    let apply = move || {
        limit(libc::RLIMIT_CPU, cpu_s)?;
        limit(libc::RLIMIT_DATA, memory)?;
        limit(libc::RLIMIT_FSIZE, file)?;
        limit(libc::RLIMIT_CORE, 0)?;
        // SAFETY: plain system calls on constants. Neither is worth failing for.
        unsafe {
            libc::setpriority(libc::PRIO_PROCESS, 0, nice);
            let score = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
            if score >= 0 {
                libc::write(score, c"1000".as_ptr().cast(), 4);
                libc::close(score);
            }
        }
        Ok(())
    };
    command.process_group(0);
    // SAFETY: between fork and exec nothing but system calls is made: no allocation, no lock.
    unsafe { command.pre_exec(apply) };
}

/// Makes freed memory go back to the system: large blocks come from the system one by one, and threads share two heaps.
///
/// One password check takes 19 MiB for a moment. Without this the allocator learns from it to keep such blocks, and a
/// station that idles at 14 MiB would idle at 33.
pub(crate) fn give_memory_back() {
    const LARGE: libc::c_int = 256 * 1024;
    // SAFETY: both calls set one number in the allocator, before any other thread exists.
    let set = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) != 0 && libc::mallopt(libc::M_ARENA_MAX, 2) != 0 };
    if !set {
        log::debug!("the allocator keeps its own settings");
    }
}

/// Puts the calling thread before ordinary ones, where the system allows it; says whether it did. For the two threads an
/// alert passes through before it sounds: below the audio callback, above everything else.
///
/// Both wait for input between short turns, so they cannot starve the machine; the kernel's real-time throttle stands
/// behind that.
pub(crate) fn go_real_time() -> bool {
    let param = libc::sched_param { sched_priority: 10 };
    // SAFETY: the call reads one struct that lives through it and changes the calling thread alone.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, &raw const param) == 0 }
}
