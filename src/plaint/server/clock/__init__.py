"""The tick: what waits enters the logs and the streams, on a schedule that depends on nothing. Start at `service`."""
