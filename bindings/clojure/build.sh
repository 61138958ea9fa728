#!/bin/sh
# How `cargo xtask build` builds this face.
set -eu
cd "$(dirname "$0")"
bin/jar
