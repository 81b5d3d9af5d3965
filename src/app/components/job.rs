//! The progress of a job, and what came of it.

use leptos::prelude::*;

use super::outcome::refusal;
use crate::app::request::here;
use crate::model::jobs::{JobState, ShownJob};
use crate::model::number::grouped;
use crate::model::text::{self, Text};
use crate::ui::page::{lang, t};

/// The most people who are named.
const NAMED: usize = 50;

/// A progress bar while it runs, afterwards who was left out and why.
#[component]
pub fn Job(job: Option<ShownJob>) -> impl IntoView {
    let shown = job.map(|job| {
        let (done, total) = (job.done, job.total);
        let shown = |number| grouped(lang(), number);
        let more = u32::try_from(job.refused.len().saturating_sub(NAMED)).unwrap_or(u32::MAX);
        let refused = job.refused.into_iter().take(NAMED).map(|(name, why)| {
            view! { <p class="notice notice-danger">{refusal(name, why)}</p> }
        });
        let refused = refused.collect_view();
        let more = (more > 0).then(|| view! { <p class="muted">{text::job_more_left_out(lang(), more)}</p> });
        let state = match job.state {
            JobState::Running => view! {
                <label class="job">
                    <span>{text::job_running(lang(), shown(done), shown(total))}</span>
                    <progress max=total value=done></progress>
                </label>
                <p class="muted">{t(Text::JobLeave)}</p>
                <p><a class="back-link" href=here().back>{t(Text::JobRefresh)}</a></p>
            }
            .into_any(),
            JobState::Done => {
                view! { <p class="notice notice-success">{text::job_done(lang(), shown(done), shown(total))}</p> }.into_any()
            }
            JobState::Interrupted => {
                view! { <p class="notice notice-warning">{text::job_interrupted(lang(), shown(done), shown(total))}</p> }.into_any()
            }
        };
        view! { <div class="outcome" id="job">{state} {refused} {more}</div> }
    });
    view! { <div role="status">{shown}</div> }
}
