//! The native addon of eve for Node.js: few functions without arguments of their own. What they take and give is in the frame
//! (`frame.rs`); the JavaScript around them is in `../lib`.

mod crowd;
mod domains;
mod encode;
mod frame;
mod js;
mod ordered;
mod read;
mod state;
mod text;
mod typed;
mod watch;
mod write;

use eve_core::{Error, Result};
use napi_sys::{napi_callback_info, napi_env, napi_value};
use state::State;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// Runs one call: its result or error goes into the frame, or into a buffer that is returned if the frame is too small.
/// No panic gets through.
#[inline]
fn call(env: napi_env, body: impl FnOnce(&mut State) -> Result<()>) -> napi_value {
    state::with(|state| {
        if !state.frame.is_set() {
            return ptr::null_mut();
        }
        state.frame.out.clear();
        let mut outcome = catch_unwind(AssertUnwindSafe(|| body(state))).unwrap_or_else(|panic| Err(defect(&*panic)));
        if !state.is_trusted() {
            outcome = Err(Error::value(state::STALE));
        }
        state.frame.finish(&outcome).map_or(ptr::null_mut(), |large| js::new_buffer(env, large))
    })
    .unwrap_or(ptr::null_mut())
}

fn defect(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|s| s.to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::Aborted(format!("a defect in eve, please report it: {text}").into())
}

macro_rules! functions {
    ($($name:literal: $body:expr;)*) => {
        fn export_all(env: napi_env, exports: napi_value) {
            $({
                unsafe extern "C" fn function(env: napi_env, info: napi_callback_info) -> napi_value {
                    let body: fn(&mut State, napi_env, napi_callback_info) -> Result<()> = $body;
                    call(env, |state| body(state, env, info))
                }
                js::export(env, exports, $name, function);
            })*
        }
    };
}

functions! {
    c"open": |s, _, _| domains::open(s);
    c"atItsPath": |s, _, _| domains::at_its_path(s);
    c"close": |s, _, _| domains::close(s);
    c"atoms": |s, _, _| domains::atoms(s);
    c"stat": |s, _, _| domains::stat(s);
    c"reclaim": |s, _, _| domains::reclaim(s);
    c"verify": |s, _, _| domains::verify(s);
    c"gc": |s, _, _| domains::gc(s);
    c"atom": |s, _, _| write::atom(s);
    c"load": |s, env, info| write::load(s, env, js::argument(env, info));
    c"commit": |s, env, info| write::commit(s, env, js::argument(env, info));
    c"release": |s, _, _| write::release(s);
    c"reset": |s, _, _| write::reset(s);
    c"compareAndSet": |s, _, _| write::compare_and_set(s);
    c"remove": |s, _, _| write::remove(s);
    c"forgetAtom": |s, _, _| write::forget_atom(s);
    c"version": |s, _, _| write::version(s);
    c"get": |s, _, _| read::get(s);
    c"deep": |s, _, _| read::deep(s);
    c"nth": |s, _, _| read::nth(s);
    c"rest": |s, _, _| read::rest(s);
    c"meta": |s, _, _| read::meta(s);
    c"elements": |s, _, _| read::elements(s);
    c"walk": |s, env, info| read::walk(s, env, js::argument(env, info));
    c"walkFrom": |s, env, info| read::walk_from(s, env, js::argument(env, info));
    c"endWalk": |s, _, _| read::end_walk(s);
    c"keysFrom": |s, env, info| ordered::keys_from(s, env, js::argument(env, info));
    c"compare": |s, _, _| ordered::compare(s);
    c"equal": |s, _, _| read::equal(s);
    c"arrayUpdate": |s, _, _| typed::update(s);
    c"arrayRead": |s, _, _| typed::read(s);
    c"arrayWrite": |s, _, _| typed::write(s);
    c"arrayFill": |s, _, _| typed::fill(s);
    c"arrayCopy": |s, _, _| typed::copy(s);
    c"arrayInfo": |s, _, _| typed::info(s);
    c"arrayWait": |s, _, _| typed::wait(s);
    c"arrayNotify": |s, _, _| typed::notify(s);
    c"recordsInfo": |s, _, _| typed::records(s);
    c"parse": |s, _, _| text::parse(s);
    c"print": |s, _, _| text::print(s);
    c"watch": |s, env, info| watch::watch(s, env, js::argument(env, info));
    c"unwatch": |s, env, _| watch::unwatch(s, env);
    c"refer": |s, env, _| watch::refer(s, env);
}

/// Takes an ArrayBuffer as this thread's frame. It says in the buffer's first number whether it did: 1.
unsafe extern "C" fn use_frame(env: napi_env, info: napi_callback_info) -> napi_value {
    if let Some((base, size, keeper)) = js::keep_buffer(env, js::argument(env, info)) {
        let unused = state::with(|state| state.frame.set(base, size, keeper)).unwrap_or(keeper);
        js::let_go(env, unused);
    }
    ptr::null_mut()
}

unsafe extern "C" fn at_exit(_: *mut c_void) {
    watch::end_all();
    state::clear();
}

/// Called by Node in each thread that loads the addon.
///
/// # Safety
/// `env` and `exports` are those that Node gives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(env: napi_env, exports: napi_value) -> napi_value {
    export_all(env, exports);
    js::export(env, exports, c"useFrame", use_frame);
    js::on_exit(env, at_exit, ptr::null_mut());
    exports
}

/// The version of Node's interface that the addon is written for.
#[unsafe(no_mangle)]
pub extern "C" fn node_api_module_get_api_version_v1() -> i32 {
    8
}
