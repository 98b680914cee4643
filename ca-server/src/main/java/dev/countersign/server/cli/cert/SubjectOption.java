package dev.countersign.server.cli.cert;

import dev.countersign.wire.v1.RevocationSubject;
import picocli.CommandLine.Option;

/** Exactly one of: {@code --identity --pod --serial --issuer}. */
final class SubjectOption {
    @Option(
            names = "--identity",
            paramLabel = "ID",
            description =
                    "Every certificate of this identity, and none is issued to it any more:"
                            + " namespace/service-account, or a SPIFFE ID.")
    String identity = "";

    @Option(
            names = "--pod",
            paramLabel = "POD",
            description =
                    "Every certificate of this pod, and it gets no other: its UID, or"
                            + " namespace/name.")
    String pod = "";

    @Option(
            names = "--serial",
            paramLabel = "SERIAL",
            description =
                    "This certificate, to its end; its pod may get another with a token. As cert"
                            + " list prints it, or issuer-key-id/serial.")
    String serial = "";

    @Option(
            names = "--issuer",
            paramLabel = "KEY-ID",
            description =
                    "Everything that this intermediate has signed; the server goes on with another."
                            + " For a root: countersign root distrust.")
    String issuer = "";

    RevocationSubject message() {
        RevocationSubject.Builder subject = RevocationSubject.newBuilder();
        if (!identity.isEmpty()) {
            return subject.setIdentity(identity).build();
        }
        if (!pod.isEmpty()) {
            return subject.setPod(pod).build();
        }
        return serial.isEmpty()
                ? subject.setIssuerKeyId(issuer).build()
                : subject.setSerial(serial).build();
    }

    /** As it was written, to be written again. */
    String text() {
        if (!identity.isEmpty()) {
            return "--identity " + identity;
        }
        if (!pod.isEmpty()) {
            return "--pod " + pod;
        }
        return serial.isEmpty() ? "--issuer " + issuer : "--serial " + serial;
    }
}
