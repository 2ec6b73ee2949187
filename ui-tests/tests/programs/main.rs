//! What is made of programs that users might write: each test here builds some, or asks rustc about them. They are one program so that
//! they run side by side, and share what they build (`compiler`).
#![forbid(unsafe_code)]

mod compiler;
mod direct_path;
mod features;
mod growth;
mod half_typed;
mod hostile_names;
mod mistakes;
mod random_schemas;
mod readme;
mod verdicts;
