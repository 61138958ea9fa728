//! The few things that the addon asks of Node's C interface, each in one function.

use crate::frame;
use napi_sys as sys;
use std::ffi::{c_char, c_void};
use std::ptr;

/// A function that the addon exports.
pub type Function = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// Puts a function into an object under a name.
pub fn export(env: sys::napi_env, exports: sys::napi_value, name: &std::ffi::CStr, function: Function) {
    let mut value = ptr::null_mut();
    let at = name.as_ptr().cast::<c_char>();
    // SAFETY: `env` and `exports` are those that Node gave for this call; the name ends with a zero byte.
    unsafe {
        sys::napi_create_function(env, at, -1, Some(function), ptr::null_mut(), &mut value);
        sys::napi_set_named_property(env, exports, at, value);
    }
}

/// The first argument of the call; null if there is none.
pub fn argument(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let (mut count, mut first) = (1, ptr::null_mut());
    // SAFETY: `env` and `info` are those of this call, and one argument has room.
    unsafe { sys::napi_get_cb_info(env, info, &mut count, &mut first, ptr::null_mut(), ptr::null_mut()) };
    if count == 0 { ptr::null_mut() } else { first }
}

/// Address and length of an ArrayBuffer, and what keeps it from being collected until [`let_go`]. `None` if it is none.
pub fn keep_buffer(env: sys::napi_env, buffer: sys::napi_value) -> Option<(*mut u8, usize, sys::napi_ref)> {
    let (mut data, mut length, mut reference) = (ptr::null_mut::<c_void>(), 0, ptr::null_mut());
    if buffer.is_null() {
        return None;
    }
    // SAFETY: `buffer` is an argument of the call under way; the outputs have room.
    let status = unsafe {
        match sys::napi_get_arraybuffer_info(env, buffer, &mut data, &mut length) {
            sys::Status::napi_ok if !data.is_null() => sys::napi_create_reference(env, buffer, 1, &mut reference),
            _ => sys::Status::napi_invalid_arg,
        }
    };
    (status == sys::Status::napi_ok).then_some((data.cast(), length, reference))
}

/// Takes back what [`keep_buffer`] gave.
pub fn let_go(env: sys::napi_env, reference: sys::napi_ref) {
    if !reference.is_null() {
        // SAFETY: the reference is one of this environment, and is given back once.
        unsafe { sys::napi_delete_reference(env, reference) };
    }
}

/// A new ArrayBuffer with these bytes behind as many zeros as the head of a frame has; null if there is no memory.
pub fn new_buffer(env: sys::napi_env, bytes: &[u8]) -> sys::napi_value {
    let (mut data, mut value) = (ptr::null_mut::<c_void>(), ptr::null_mut());
    // SAFETY: the outputs have room; the buffer has room for the head and the bytes, which do not overlap with it.
    unsafe {
        if sys::napi_create_arraybuffer(env, frame::HEAD + bytes.len(), &mut data, &mut value) != sys::Status::napi_ok {
            return ptr::null_mut();
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast::<u8>().add(frame::HEAD), bytes.len());
    }
    value
}

/// Calls `finalizer` with `data` in a later turn of the event loop once `object` has been collected; false if it cannot be done.
pub fn on_collected(env: sys::napi_env, object: sys::napi_value, finalizer: Finalizer, data: usize) -> bool {
    if object.is_null() {
        return false;
    }
    let data = ptr::without_provenance_mut(data);
    // SAFETY: `object` is an argument of the call under way; the data is a number that nobody follows.
    let status =
        unsafe { sys::napi_add_finalizer(env, object, data, Some(finalizer), ptr::null_mut(), ptr::null_mut()) };
    status == sys::Status::napi_ok
}

/// What [`on_collected`] calls.
pub type Finalizer = unsafe extern "C" fn(sys::napi_env, *mut c_void, *mut c_void);

/// Tells V8 that JavaScript objects keep so many bytes more (or fewer) alive than it knows of.
pub fn adjust_memory(env: sys::napi_env, by: i64) {
    let mut now = 0;
    // SAFETY: `env` is the one of this thread.
    unsafe { sys::napi_adjust_external_memory(env, by, &mut now) };
}

/// Calls `hook` with `data` when the environment ends, the latest first.
pub fn on_exit(env: sys::napi_env, hook: unsafe extern "C" fn(*mut c_void), data: *mut c_void) {
    // SAFETY: the caller keeps `data` good for the hook.
    unsafe { sys::napi_add_env_cleanup_hook(env, Some(hook), data) };
}

/// Takes back an [`on_exit`].
pub fn no_exit(env: sys::napi_env, hook: unsafe extern "C" fn(*mut c_void), data: *mut c_void) {
    // SAFETY: the pair was given to `on_exit`.
    unsafe { sys::napi_remove_env_cleanup_hook(env, Some(hook), data) };
}
