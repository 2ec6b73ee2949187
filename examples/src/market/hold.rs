//! Keeps a desk as it is after its last bar, so that one can look at its processes: with `top`, in `/proc`.

/// Says on standard error that the desk stands, and waits until standard input ends.
pub fn until_input_ends() {
    announce();
    // An error ends the input as well.
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// Says on standard error that the desk stands.
pub(super) fn announce() {
    eprintln!("holding: all bars are in; the desk stands until standard input ends");
}
