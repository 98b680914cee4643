package dev.countersign.agent.proxy;

import dev.countersign.agent.directory.DirectorySource;
import dev.countersign.agent.proxy.redirect.OriginalDestinations;
import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * What redirected connections need: settings, where they may go, where they were going.
 *
 * @param own whether an address is one of this host's
 */
public record RedirectMode(
        RedirectConfig config,
        DirectorySource directory,
        OriginalDestinations destinations,
        Predicate<InetAddress> own) {}
