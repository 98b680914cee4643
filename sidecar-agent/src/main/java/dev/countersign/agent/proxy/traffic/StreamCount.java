package dev.countersign.agent.proxy.traffic;

import dev.countersign.agent.proxy.connection.OpenConnection;
import dev.countersign.agent.proxy.relay.ByteCount;

/** What one opaque stream carries, for its entry in the table and for its peer. */
final class StreamCount implements ByteCount {
    private final OpenConnection connection;
    private final StreamSeries series;

    StreamCount(OpenConnection connection, StreamSeries series) {
        this.connection = connection;
        this.series = series;
    }

    @Override
    public void received(int bytes) {
        connection.received(bytes);
        series.received.add(bytes);
    }

    @Override
    public void sent(int bytes) {
        connection.sent(bytes);
        series.sent.add(bytes);
    }
}
