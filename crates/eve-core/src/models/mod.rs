//! The protocols under model checkers, on the very code that runs: `docs/models.md` says what each model explores and how to run
//! it. With `--cfg loom` every execution of a small protocol is tried, with the orderings that the memory model allows; with
//! `--cfg shuttle` random schedules of whole operations. Nothing of this is in a normal build.

#[cfg(all(loom, test))]
mod addresses;
#[cfg(all(shuttle, test))]
mod collections;
#[cfg(all(shuttle, test))]
mod deaths;
#[cfg(all(shuttle, test))]
mod elements;
#[cfg(all(shuttle, test))]
mod explore;
#[cfg(all(loom, test))]
mod orderings;
#[cfg(all(shuttle, test))]
mod region;
#[cfg(all(shuttle, test))]
mod reuse;
#[cfg(all(shuttle, test))]
mod schedules;
#[cfg(all(shuttle, test))]
mod splits;
#[cfg(shuttle)]
pub mod steps;
#[cfg(all(loom, test))]
mod waiting;

/// The thread that is running was killed: its process's locks vanish.
#[cfg(shuttle)]
fn on_death() {
    #[cfg(test)]
    region::release_locks();
}
