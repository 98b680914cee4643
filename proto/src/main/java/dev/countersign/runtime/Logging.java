package dev.countersign.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Logback, set up by hand: JSON lines on standard error, or text for a terminal. Standard output is
 * left to a command's answer. No XML is looked for or parsed; until {@link #configure(Format, Level)}
 * is called, warnings are shown as text.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String OURS = "dev.countersign";

    /** How a line looks. */
    public enum Format {
        JSON,
        TEXT
    }

    /** Only for Logback, which finds this class as a service. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        apply(context, Format.TEXT, Level.WARN);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Replaces whatever was set up; {@code level} is of our own packages, others say warnings. */
    public static void configure(Format format, Level level) {
        apply((LoggerContext) LoggerFactory.getILoggerFactory(), format, level);
        bridge();
    }

    /** From now on our own packages log this much; returns what was in force. */
    public static Level level(Level level) {
        Logger ours = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(OURS);
        Level before = ours.getEffectiveLevel();
        ours.setLevel(level);
        return before;
    }

    /** gRPC and the JDK log by java.util.logging: their warnings take the same way. */
    private static void bridge() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
    }

    private static void apply(LoggerContext context, Format format, Level level) {
        context.reset();
        LogLines encoder = new LogLines(format);
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
        context.getLogger(OURS).setLevel(level);
    }
}
