package dev.countersign.server.store;

import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/**
 * A process of its own that issues until somebody kills it. Prints {@code intent SERIAL} when an
 * intent is acknowledged and {@code signed SERIAL} when its outcome was handed over. Arguments:
 * database file, process id, threads, and how many signatures each thread makes before it stops
 * between an intent and its signature, printing {@code waiting}.
 */
public final class CrashingServer {
    private static final PrintStream OUT = System.out;

    private CrashingServer() {}

    public static void main(String[] arguments) throws Exception {
        Store store =
                Store.open(
                        StoreConfig.sqlite(Path.of(arguments[0])),
                        InstantSource.system(),
                        arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        int signatures = Integer.parseInt(arguments[3]);
        OUT.println("open");
        for (int i = 0; i < threads; i++) {
            Thread.startVirtualThread(() -> issue(store.auditTrail(), signatures));
        }
        new CountDownLatch(1).await();
    }

    private static void issue(AuditTrail trail, int signatures) {
        Intents intents = new Intents(new SecureRandom());
        try {
            for (int i = 0; i <= signatures; i++) {
                IssuanceIntent intent = intents.next();
                trail.intend(intent);
                OUT.println("intent " + intent.serial());
                if (i == signatures) {
                    OUT.println("waiting");
                    return;
                }
                trail.issued(intent, intent.tbsHash());
                OUT.println("signed " + intent.serial());
            }
        } catch (AuditUnavailable e) {
            OUT.println("failed " + e.getMessage());
        }
    }
}
