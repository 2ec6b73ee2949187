use super::Unanswered;

/// What `startup` or `shutdown` of a service said of its failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HookError(String);

/// What is left of a hook's result: its error as text.
pub fn hook_result<R: Unanswered>(outcome: R) -> Result<(), HookError> {
    let mut result = Ok(());
    outcome.settle(|error| result = Err(HookError(error.to_string())));
    result
}
