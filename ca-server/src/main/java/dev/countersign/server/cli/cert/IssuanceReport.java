package dev.countersign.server.cli.cert;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.countersign.server.cli.Output;
import java.nio.file.Path;
import java.util.Optional;

/** Prints an answer: lines for a person, one JSON object for a program. */
final class IssuanceReport {
    private final Output output;
    private final String name;

    /** {@code name}: the request's file, when there are several; else empty. */
    IssuanceReport(Output output, String name) {
        this.output = output;
        this.name = name;
    }

    void issued(IssuanceAnswer.Issued issued, Optional<Path> folder) {
        String serial = issued.leaf().getSerialNumber().toString(16);
        if (output.json()) {
            Struct.Builder json = object(true);
            put(json, "spiffe_id", issued.spiffeId());
            put(json, "serial", serial);
            put(json, "not_before", issued.leaf().getNotBefore().toInstant().toString());
            put(json, "not_after", issued.leaf().getNotAfter().toInstant().toString());
            put(json, "refresh_not_before", issued.refreshNotBefore().toString());
            put(json, "refresh_not_after", issued.refreshNotAfter().toString());
            json.putFields(
                    "bundle_epoch",
                    Value.newBuilder().setNumberValue((double) issued.bundleEpoch()).build());
            folder.ifPresent(f -> put(json, "out", f.toString()));
            output.print(json);
            return;
        }
        output.out().println(prefix() + "issued " + issued.spiffeId());
        if (name.isEmpty()) {
            output.out().println("  serial   " + serial);
            output.out().println("  valid    until " + issued.leaf().getNotAfter().toInstant());
            output.out()
                    .println(
                            "  renew    between "
                                    + issued.refreshNotBefore()
                                    + " and "
                                    + issued.refreshNotAfter());
            folder.ifPresent(f -> output.out().println("  written  to " + f));
        }
        output.out().flush();
    }

    void refused(IssuanceAnswer.Refused refused) {
        if (output.json()) {
            Struct.Builder json = object(false);
            put(json, "reason", refused.reason());
            put(json, "message", refused.message());
            put(json, "status", refused.status());
            json.putFields(
                    "retry_after_millis",
                    Value.newBuilder().setNumberValue((double) refused.retryAfterMillis()).build());
            output.print(json);
            return;
        }
        output.out().println(prefix() + "refused: " + refused.reason());
        output.out().println("  " + refused.message());
        if (refused.retryAfterMillis() > 0) {
            output.out().println("  try again in " + refused.retryAfterMillis() + " ms");
        }
        output.out().flush();
    }

    private Struct.Builder object(boolean issued) {
        Struct.Builder json = Struct.newBuilder();
        json.putFields("issued", Value.newBuilder().setBoolValue(issued).build());
        if (!name.isEmpty()) {
            put(json, "request", name);
        }
        return json;
    }

    private String prefix() {
        return name.isEmpty() ? "" : name + ": ";
    }

    private static void put(Struct.Builder json, String key, String value) {
        json.putFields(key, Value.newBuilder().setStringValue(value).build());
    }
}
