//! Steps of a real audience: all come for the kick-off, and all have an ad break at one moment.

use serde_json::Value;

use crate::Error;
use crate::parts::Size;
use crate::playhead::Playhead;
use crate::report::{SEED, Table, plain};

/// One step: its name, and the audience.
struct Step {
    name: &'static str,
    args: [&'static str; 6],
}

const STEPS: [Step; 2] = [
    Step { name: "kick-off", args: ["--curve", "kick-off", "--profile", "vod", "--duration", "10s"] },
    // At this speed the first break of all live channels comes after 18 s.
    Step { name: "ad break", args: ["--curve", "steady", "--profile", "live", "--duration", "30s"] },
];

/// Sends each step to a server of its own.
pub(crate) fn run(size: &Size) -> Result<(), Error> {
    let viewers = size.of("500", "5000", "20000");
    let mut table = Table::new(&format!("Steps of {viewers} viewers, `playhead simulate --speed 10`"));
    for step in STEPS {
        let server = Playhead::start(&[])?;
        let seed = SEED.to_string();
        let mut args = vec!["--viewers", viewers, "--speed", "10", "--threads", "2"];
        args.extend(["--connections", "1024", "--seed", &seed]);
        args.extend(step.args);
        let (report, _) = server.simulate(&args)?;
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let name = step.name;
        let rate = number(&report["offered"]) / number(&report["seconds"]);
        table.row(&format!("{name}: events offered a second, on average"), plain(rate));
        for kind in ["start", "ping", "ad", "ad_complete"] {
            let latency = &report["latency_ms_by_kind"][kind];
            let quantiles = ["p50", "p99", "max"].map(|quantile| plain(number(&latency[quantile])));
            let [p50, p99, max] = quantiles;
            table.row(&format!("{name}, {kind}: p50, p99, max, ms"), format!("{p50}, {p99}, {max}"));
        }
        table.at_most(&format!("{name}: p99 of all, ms"), number(&report["latency_ms"]["p99"]), 50.0);
        table.row(
            &format!("{name}: p99 of the generator's own lag, ms"),
            plain(number(&report["lag_ms"]["p99"])),
        );
        let refused = number(&report["answers"]["503"]) + number(&report["given_up"]);
        table.at_most(&format!("{name}: refused or given up"), refused, 0.0);
    }
    table.print()
}
