//! Regions: the files under domains, their locks, their growth, and what bad files and full disks do.
#![cfg(target_os = "linux")]

mod bad_files;
mod creation;
mod memory;
mod processes;
mod support;
