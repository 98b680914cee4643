package dev.countersign.server.rpc;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.countersign.server.distribution.DenialRow;
import dev.countersign.server.distribution.Subscriber;
import dev.countersign.wire.MalformedMessage;
import dev.countersign.wire.v1.Denial;
import dev.countersign.wire.v1.DenialReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Denials as agents report them, made into rows. The destination is the reporter itself, as the
 * server has it on record: an agent cannot speak for another.
 */
final class DenialRows {
    private static final int MAX_DENIALS = 500;
    private static final int MAX_ID = 64;
    private static final int MAX_TEXT = 1024;
    private static final int MAX_EXPLANATION = 8 * 1024;

    private DenialRows() {}

    static List<DenialRow> of(DenialReport report, Subscriber.View reporter)
            throws MalformedMessage {
        if (report.getDenialsCount() > MAX_DENIALS) {
            throw new MalformedMessage(
                    "denials: " + report.getDenialsCount() + " (expected: at most 500)");
        }
        List<DenialRow> rows = new ArrayList<>(report.getDenialsCount());
        for (Denial denial : report.getDenialsList()) {
            rows.add(row(denial, reporter));
        }
        return rows;
    }

    private static DenialRow row(Denial denial, Subscriber.View reporter) throws MalformedMessage {
        if (denial.getId().isEmpty() || denial.getId().length() > MAX_ID) {
            throw new MalformedMessage("denial id: expected 1 to 64 characters");
        }
        if (denial.getDestinationPort() < 0 || denial.getDestinationPort() > 0xffff) {
            throw new MalformedMessage(
                    "destination_port: " + denial.getDestinationPort() + " (expected: 0..65535)");
        }
        return new DenialRow(
                denial.getId(),
                firstSeen(denial.getFirstSeen()),
                Math.max(1, denial.getCount()),
                cut(denial.getSourcePrincipal(), MAX_TEXT),
                cut(denial.getSourceAddress(), MAX_TEXT),
                reporter.record().account().namespace(),
                reporter.record().account().name(),
                denial.getDestinationPort(),
                cut(denial.getProtocol(), MAX_TEXT),
                cut(denial.getMethod(), MAX_TEXT),
                cut(denial.getHost(), MAX_TEXT),
                cut(denial.getPath(), MAX_TEXT),
                denial.getRevision(),
                cut(denial.getReason(), MAX_TEXT),
                cut(denial.getPolicy(), MAX_TEXT),
                denial.getRule(),
                cut(denial.getExplanation(), MAX_EXPLANATION),
                reporter.instanceId());
    }

    private static Instant firstSeen(Timestamp time) throws MalformedMessage {
        if (!Timestamps.isValid(time)) {
            throw new MalformedMessage(
                    "first_seen: " + time.getSeconds() + " s (expected: a year from 1 to 9999)");
        }
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }
}
