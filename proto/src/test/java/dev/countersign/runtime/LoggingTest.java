package dev.countersign.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

final class LoggingTest {
    @Test
    void ourPackagesSayWhatWasAskedForAndOthersWarn() {
        Logging.configure(Logging.Format.TEXT, Level.ERROR);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        assertThat(context.getLogger("dev.countersign.runtime").getEffectiveLevel())
                .isEqualTo(Level.ERROR);
        assertThat(context.getLogger("io.netty").getEffectiveLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void whatLogsByTheJdkTakesTheSameWay() {
        Logging.configure(Logging.Format.TEXT, Level.ERROR);
        assertThat(SLF4JBridgeHandler.isInstalled()).isTrue();
        assertThat(
                        java.util.logging.Logger.getLogger("io.grpc")
                                .isLoggable(java.util.logging.Level.INFO))
                .isFalse();
    }

    @Test
    void logbackFindsItWithoutAFile() {
        LoggerContext context = new LoggerContext();
        new Logging().configure(context);
        assertThat(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                .toIterable()
                .singleElement()
                .extracting(appender -> appender.getName())
                .isEqualTo("stderr");
    }
}
