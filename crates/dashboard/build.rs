//! Sees to it that the folder of the built dashboard is there, be it empty, and that what changes in it is embedded.

use std::fs;

const BUILT: &str = "../../web/dist";

fn main() {
    // Where nothing can be written, the embedding finds no folder either, which is the same as an empty one.
    let _is_there = fs::create_dir_all(BUILT);
    println!("cargo:rerun-if-changed={BUILT}");
}
