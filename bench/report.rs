//! The table at the end.

/// The target of a number.
pub enum Target {
    None,
    AtLeast(f64),
    Below(f64),
}

#[derive(Default)]
pub struct Report {
    rates: Vec<String>,
    rows: Vec<[String; 4]>,
}

impl Report {
    /// A contender's rate per second. It has no target, because it depends on the machine.
    pub fn rate(&mut self, what: &str, rounds: &[f64], unit: &str) {
        self.rates.push(format!("{what:<54}{:>9.0} {unit}", median(rounds)));
    }

    /// The ratio of two contenders, round by round.
    pub fn ratio(&mut self, what: &str, ours: &[f64], theirs: &[f64], target: Target) {
        let rounds: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        self.row(what, &rounds, |ratio| format!("{ratio:.2}"), &target);
    }

    /// A number with its unit.
    pub fn measured(&mut self, what: &str, unit: &str, values: &[f64], target: Target) {
        self.row(what, values, |value| format!("{value:.1} {unit}"), &target);
    }

    fn row(&mut self, what: &str, values: &[f64], show: impl Fn(f64) -> String, target: &Target) {
        let middle = median(values);
        let (lowest, highest) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        let spread = if values.len() > 1 { format!(" ({}..{})", show(lowest), show(highest)) } else { String::new() };
        let (wanted, verdict) = match *target {
            Target::None => (String::new(), ""),
            Target::AtLeast(target) => (format!(">= {}", show(target)), if middle >= target { "ok" } else { "MISSED" }),
            Target::Below(target) => (format!("< {}", show(target)), if middle < target { "ok" } else { "MISSED" }),
        };
        self.rows.push([what.to_owned(), show(middle) + &spread, wanted, verdict.to_owned()]);
    }

    pub fn print(&self) {
        println!("\n{} cores, shared with the client; medians (lowest..highest of the rounds)\n", super::cores());
        for line in &self.rates {
            println!("{line}");
        }
        println!("\n{:<64}{:<32}{:<12}verdict", "what", "measured", "aim");
        for [what, measured, aim, verdict] in &self.rows {
            println!("{}", format!("{what:<64}{measured:<32}{aim:<12}{verdict}").trim_end());
        }
        if self.rows.iter().any(|row| row[3] == "MISSED") {
            println!("\nWhat misses its aim: the reason is in bench/README.md, or belongs there.");
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
