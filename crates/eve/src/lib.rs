//! The Rust face of eve.
