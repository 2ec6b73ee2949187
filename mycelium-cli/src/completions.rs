use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::output::{Out, Result, Verdict};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium completions bash > ~/.local/share/bash-completion/completions/mycelium
  mycelium completions zsh > ~/.zfunc/_mycelium
  mycelium completions fish > ~/.config/fish/completions/mycelium.fish")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "mycelium", &mut text);
        out.raw(&text);
        Ok(Verdict::Fine)
    }
}
