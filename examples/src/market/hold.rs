//! Keeps a desk running after its last bar, so that its processes can be inspected: with `top`, in `/proc`.

/// Reports on standard error that the desk holds, and waits until standard input ends.
pub fn until_input_ends() {
    announce();
    // An error ends the input as well.
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// Reports on standard error that the desk holds.
pub(super) fn announce() {
    eprintln!("holding: all bars are in; the desk runs until standard input ends");
}
