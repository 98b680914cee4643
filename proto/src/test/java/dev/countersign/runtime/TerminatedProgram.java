package dev.countersign.runtime;

import java.util.concurrent.CountDownLatch;

/** Waits for its end, and then ends as it was told: well, never, or by a fault. */
final class TerminatedProgram {
    private TerminatedProgram() {}

    public static void main(String[] arguments) {
        System.exit(
                PlainRunner.run(() -> {
                    Termination termination = Termination.watch();
                    System.out.println("ready");
                    termination.await();
                    System.out.println("ending");
                    switch (arguments[0]) {
                        case "well" -> System.out.println("ended");
                        case "never" -> new CountDownLatch(1).await();
                        default -> throw new IllegalStateException("cannot end");
                    }
                    return CommandLineRunner.OK;
                }));
    }
}
