package dev.countersign.agent;

import dev.countersign.agent.admin.ControlCommands;
import dev.countersign.agent.proxy.traffic.Tap;
import dev.countersign.runtime.Logging;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** What the control socket does to this agent. */
final class AgentCommands implements ControlCommands {
    private final Tap tap;
    private final Runnable drain;
    private final Runnable quit;
    private final AtomicBoolean draining = new AtomicBoolean();

    /**
     * @param drain takes as long as it takes
     * @param quit returns at once
     */
    AgentCommands(Tap tap, Runnable drain, Runnable quit) {
        this.tap = tap;
        this.drain = drain;
        this.quit = quit;
    }

    @Override
    public String logLevel(String level) {
        return Logging.level(AgentConfig.level(level)).toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public void drain() {
        if (!draining.getAndSet(true)) {
            Thread.ofPlatform().name("drain").daemon().start(drain);
        }
    }

    @Override
    public void quit() {
        quit.run();
    }

    @Override
    public Tap tap() {
        return tap;
    }
}
