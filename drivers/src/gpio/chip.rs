//! A pin as the kernel holds it.

use super::{DEBOUNCE, Pin, Pins};
use gpiocdev::Request;
use gpiocdev::line::{Bias, EdgeDetection, Value};
use std::time::Duration;

const CONSUMER: &str = "gateway";

/// A pin of a chip; taken from the system when it is first needed.
pub(super) struct Chip {
    pin: Pin,
    taken: Option<Request>,
}

impl Chip {
    pub(super) fn new(pin: Pin) -> Self {
        Self { pin, taken: None }
    }
}

impl Pins for Chip {
    fn listen(&mut self) -> Result<(), String> {
        if self.taken.is_some() {
            return Ok(());
        }
        let mut builder = Request::builder();
        builder.on_chip(&self.pin.chip).with_consumer(CONSUMER).with_line(self.pin.offset).as_input();
        if self.pin.active_low {
            builder.as_active_low().with_bias(Bias::PullUp);
        } else {
            builder.with_bias(Bias::PullDown);
        }
        builder.with_debounce_period(DEBOUNCE).with_edge_detection(EdgeDetection::BothEdges);
        self.taken = Some(builder.request().map_err(|e| format!("taking it as an input: {e}"))?);
        Ok(())
    }

    fn drive(&mut self, on: bool) -> Result<(), String> {
        let value = if on { Value::Active } else { Value::Inactive };
        if let Some(request) = &self.taken {
            return request.set_value(self.pin.offset, value).map_err(|e| format!("setting it: {e}"));
        }
        let mut builder = Request::builder();
        builder.on_chip(&self.pin.chip).with_consumer(CONSUMER).with_line(self.pin.offset).as_output(value);
        if self.pin.active_low {
            builder.as_active_low();
        }
        self.taken = Some(builder.request().map_err(|e| format!("taking it as an output: {e}"))?);
        Ok(())
    }

    fn there(&self) -> Result<(), String> {
        gpiocdev::Chip::from_path(&self.pin.chip).map(drop).map_err(|e| format!("its chip: {e}"))
    }

    fn level_after(&mut self, wait: Duration) -> Result<bool, String> {
        let Some(request) = &self.taken else { return Err("it was not taken".to_owned()) };
        let told = |what: &str, e: gpiocdev::Error| format!("{what}: {e}");
        if !wait.is_zero() && request.wait_edge_event(wait).map_err(|e| told("waiting for it", e))? {
            // Each change is told in turn, so that a press shorter than a look is not lost.
            request
                .read_edge_event()
                .map_err(|e| told("reading its change", e))
                .map(|event| event.kind == gpiocdev::line::EdgeKind::Rising)
        } else {
            let value = request.value(self.pin.offset).map_err(|e| told("reading it", e))?;
            Ok(value == Value::Active)
        }
    }

    fn release(&mut self) {
        self.taken = None;
    }
}
