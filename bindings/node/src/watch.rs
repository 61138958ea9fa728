//! Watches: a thread sleeps in the kernel until somebody commits, in whatever process, and then has a function called on the
//! event loop. Several commits in a row may be one call.

use crate::js;
use crate::state::{self, State};
use eve_core::{Atom, Error, Result};
use napi_sys as sys;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// One watch of one thread.
pub struct Watch {
    atom: Atom,
    /// Set when the thread is to end. Relaxed would do: it is only looked at, and joining orders the rest.
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    function: ThreadsafeFunction,
}

/// A function that other threads may have called.
#[derive(Clone, Copy)]
struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: Node made it for this; the thread that has it holds a count of it.
unsafe impl Send for ThreadsafeFunction {}

impl Watch {
    /// Ends the thread. It is woken again and again, since a wake just before it goes to sleep is lost.
    fn end(&mut self) {
        self.stop.store(true, Ordering::Release); // before the wake
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                self.atom.wake();
                std::thread::sleep(Duration::from_micros(50));
            }
            // It does not panic; if it did, the watch would be over all the same.
            let _ = thread.join();
        }
    }
}

fn run(atom: Atom, mut seen: u64, stop: Arc<AtomicBool>, function: ThreadsafeFunction) {
    let function = function.0;
    let stopped = || stop.load(Ordering::Acquire); // pairs with `end`
    while !stopped() {
        if atom.wait_unless(seen, stopped) && !stopped() {
            seen = atom.version();
            // SAFETY: this thread holds a count of the function until it releases it below. If the call is waiting already, that one
            // will see this commit too.
            let status = unsafe {
                sys::napi_call_threadsafe_function(
                    function,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
            if status == sys::Status::napi_closing {
                return; // the environment is ending and took the count back
            }
        }
    }
    drop(atom);
    // SAFETY: the count of this thread, given back once.
    unsafe { sys::napi_release_threadsafe_function(function, sys::ThreadsafeFunctionReleaseMode::release) };
}

/// Atom; a function without arguments. → the number of the watch.
pub fn watch(state: &mut State, env: sys::napi_env, function: sys::napi_value) -> Result<()> {
    let atom = state.atom(state.frame.index(0))?.atom.clone();
    let seen = atom.version();
    let (mut name, mut made) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the environment and the function are those of this call; the outputs have room. One call may wait, and one
    // thread counts: the watch's.
    let status = unsafe {
        sys::napi_create_string_utf8(env, c"eve:watch".as_ptr(), 9, &mut name);
        let null = ptr::null_mut();
        let status = sys::napi_create_threadsafe_function(
            env,
            function,
            null,
            name,
            1,
            1,
            null.cast(),
            None,
            null.cast(),
            None,
            &mut made,
        );
        if status == sys::Status::napi_ok {
            sys::napi_unref_threadsafe_function(env, made);
        }
        status
    };
    if status != sys::Status::napi_ok {
        return Err(Error::value("a watch takes a function"));
    }
    let function = ThreadsafeFunction(made);
    let stop = Arc::new(AtomicBool::new(false));
    let mut watch = Box::new(Watch { atom: atom.clone(), stop: stop.clone(), thread: None, function });
    let spawned = std::thread::Builder::new().name("eve-watch".into()).spawn(move || {
        let function = function; // all of it, with its promise to be sent
        run(atom, seen, stop, function)
    });
    match spawned {
        Ok(thread) => watch.thread = Some(thread),
        Err(source) => {
            // SAFETY: the count that the thread would have had.
            unsafe { sys::napi_release_threadsafe_function(made, sys::ThreadsafeFunctionReleaseMode::release) };
            return Err(Error::Io { action: "start a thread for a watch", path: Default::default(), source });
        }
    }
    // Hooks run the latest first, so this one comes before Node tears the function down.
    let at: *mut Watch = &mut *watch;
    js::on_exit(env, end_at_exit, at.cast());
    let number = state.watches.add(watch);
    state.frame.set_arg(0, number as i32);
    Ok(())
}

unsafe extern "C" fn end_at_exit(watch: *mut c_void) {
    // SAFETY: the hook is taken back before the watch goes (`unwatch`), and the box is not moved.
    unsafe { (*watch.cast::<Watch>()).end() }
}

/// Number of a watch: it is over when this returns.
pub fn unwatch(state: &mut State, env: sys::napi_env) -> Result<()> {
    if let Some(mut watch) = state.watches.take(state.frame.index(0)) {
        let at: *mut Watch = &mut *watch;
        js::no_exit(env, end_at_exit, at.cast());
        watch.end();
    }
    Ok(())
}

/// Number of a watch, 1 if it is to keep the event loop alive and 0 if not.
pub fn refer(state: &mut State, env: sys::napi_env) -> Result<()> {
    let keep = state.frame.arg(1) != 0;
    if let Some(watch) = state.watches.get(state.frame.index(0)) {
        // SAFETY: the thread of the watch holds a count of the function; this is the thread of its environment.
        unsafe {
            if keep {
                sys::napi_ref_threadsafe_function(env, watch.function.0);
            } else {
                sys::napi_unref_threadsafe_function(env, watch.function.0);
            }
        }
    }
    Ok(())
}

/// All watches of this thread end: it is over.
pub fn end_all() {
    state::with(|state| {
        let all: Vec<usize> = state.watches.iter().map(|(i, _)| i).collect();
        for number in all {
            if let Some(mut watch) = state.watches.take(number) {
                watch.end();
            }
        }
    });
}
