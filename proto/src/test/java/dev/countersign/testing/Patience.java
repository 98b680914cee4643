package dev.countersign.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How long a test waits for what must happen: long enough for a machine that does much else. It is
 * found by JUnit itself ({@code META-INF/services}), for every test of every module.
 */
public final class Patience implements BeforeAllCallback {
    public static final Duration OF_TESTS = Duration.ofSeconds(60);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(OF_TESTS);
    }
}
