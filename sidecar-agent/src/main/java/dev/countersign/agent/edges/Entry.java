package dev.countersign.agent.edges;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.PathShape;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One edge and how often it was seen. What it says of the edge never changes. */
final class Entry {
    final int hash;
    final EdgeDirection direction;

    /** The other side. */
    final @Nullable SpiffeId peer;

    final @Nullable IpAddress address;
    final int port;
    final boolean http;
    final @Nullable String method;
    final @Nullable String path;
    final Decision decision;
    final @Nullable Decision dryRun;
    final long firstSeen;

    /** Written by every request, to the second. */
    volatile long lastSeen;

    final AtomicLong count = new AtomicLong();

    // What follows is the queue's, under its lock.
    boolean queued;
    long reported;
    long reportedAt;

    /**
     * @param address null also where many callers without identity are counted together
     */
    Entry(
            int hash,
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun,
            Rung rung,
            long now) {
        this.hash = hash;
        this.direction = direction;
        this.peer = peer;
        this.address = address;
        this.port = request.port();
        this.http = request.isHttp();
        this.method = rung.method ? request.method() : ReportedEdge.ANY;
        this.path = request.path() == null ? null : PathShape.of(request.path(), rung.grain);
        this.decision = decision;
        this.dryRun = dryRun;
        this.firstSeen = now;
        this.lastSeen = now;
    }

    /** Of the edge that a request is counted under; the same as {@link #is} tells apart. */
    static int hash(
            EdgeDirection direction,
            @Nullable SpiffeId peer,
            @Nullable IpAddress address,
            Request request,
            Decision decision,
            @Nullable Decision dryRun,
            Rung rung) {
        int hash = peer == null ? (address == null ? 7 : address.hashCode()) : peer.hashCode();
        hash = 31 * hash + request.port();
        hash = 31 * hash + (direction == EdgeDirection.OUTBOUND ? 1 : 0);
        String method = request.method();
        hash = 31 * hash + (rung.method && method != null ? method.hashCode() : 0);
        String path = request.path();
        hash = 31 * hash + (path == null ? 0 : PathShape.hash(path, rung.grain));
        hash = 31 * hash + hash(decision);
        hash = 31 * hash + (dryRun == null ? 0 : hash(dryRun));
        return hash ^ (hash >>> 16);
    }

    boolean is(
            int otherHash,
            EdgeDirection otherDirection,
            @Nullable SpiffeId otherPeer,
            @Nullable IpAddress otherAddress,
            Request request,
            Decision otherDecision,
            @Nullable Decision otherDryRun,
            Rung rung) {
        return hash == otherHash
                && direction == otherDirection
                && port == request.port()
                && http == request.isHttp()
                && (rung.method
                        ? Objects.equals(method, request.method())
                        : ReportedEdge.ANY.equals(method))
                && samePath(request.path(), rung)
                && Objects.equals(peer, otherPeer)
                && Objects.equals(address, otherAddress)
                && same(decision, otherDecision)
                && sameDryRun(otherDryRun);
    }

    void seen(long now) {
        count.incrementAndGet();
        if (lastSeen < now) {
            lastSeen = now;
        }
    }

    /** What is to be reported of it, up to a count. */
    ReportedEdge report(long upTo) {
        long from = reported == 0 ? firstSeen : reportedAt;
        return new ReportedEdge(
                direction,
                peer == null ? "" : peer.toString(),
                peer != null ? "" : address == null ? ReportedEdge.ANY : address.toString(),
                port,
                http,
                cut(method, ReportedEdge.MAX_METHOD),
                path == null ? "" : path,
                ruling(decision),
                Optional.ofNullable(dryRun).map(Entry::ruling),
                peer == null ? EdgeTls.PLAINTEXT : EdgeTls.MTLS,
                upTo - reported,
                Instant.ofEpochMilli(from),
                Instant.ofEpochMilli(Math.max(from, lastSeen)));
    }

    private boolean samePath(@Nullable String other, Rung rung) {
        if (path == null || other == null) {
            return path == null && other == null;
        }
        return PathShape.matches(path, other, rung.grain);
    }

    private boolean sameDryRun(@Nullable Decision other) {
        if (dryRun == null || other == null) {
            return dryRun == null && other == null;
        }
        return same(dryRun, other);
    }

    private static int hash(Decision decision) {
        String name = decision.policyName();
        int hash = decision.allowed() ? 1 : 2;
        return 31 * (31 * hash + decision.ruleIndex()) + (name == null ? 0 : name.hashCode());
    }

    /** Of another revision too: what counts is the rule. */
    private static boolean same(Decision one, Decision other) {
        return one.allowed() == other.allowed()
                && one.ruleIndex() == other.ruleIndex()
                && Objects.equals(one.policyName(), other.policyName())
                && Objects.equals(one.policyNamespace(), other.policyNamespace());
    }

    private static Ruling ruling(Decision decision) {
        return new Ruling(
                decision.allowed(),
                cut(decision.policy(), ReportedEdge.MAX_POLICY),
                decision.ruleIndex());
    }

    /** Printable ASCII, as the contract wants it. */
    private static String cut(@Nullable String text, int most) {
        if (text == null) {
            return "";
        }
        StringBuilder clean = new StringBuilder(Math.min(most, text.length()));
        text.chars().limit(most).forEach(c -> clean.append(c > ' ' && c < 0x7f ? (char) c : '?'));
        return clean.toString();
    }
}
