//! Creates the folder of the built dashboard if it is missing, and rebuilds if the folder changes.

use std::fs;

const BUILT: &str = "../../web/dist";

fn main() {
    // If the folder cannot be created, the embedding finds none, which means the same as an empty one.
    let _is_there = fs::create_dir_all(BUILT);
    println!("cargo:rerun-if-changed={BUILT}");
}
