package dev.countersign.agent.proxy.traffic;

import java.util.concurrent.atomic.LongAdder;

/** Opaque streams with one peer, one way. Bytes as the workload sees them: received is towards it. */
final class StreamSeries {
    final LongAdder opened = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder sent = new LongAdder();
}
