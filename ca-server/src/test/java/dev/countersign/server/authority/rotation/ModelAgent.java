package dev.countersign.server.authority.rotation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One agent of a model: what it is, and what the servers know of it. Roots are bits, times are ticks. */
final class ModelAgent {
    static final int NOWHERE = -1;
    static final long NEVER = -1_000;

    final int number;
    final String name;
    boolean up = true;

    /** The replica that its stream leads to. */
    int link = NOWHERE;

    /** Epoch of the bundle in its live TLS context; 0 = its bootstrap file's. */
    int loaded = 1;

    int leafRoot;
    long leafEnd = NEVER;

    /** When the last certificate of its pod ends, as the log knows. */
    long podEnd = NEVER;

    /** What the servers have on record of this process. */
    int acknowledged;

    /** Epochs in acknowledgements that are under way, in any order. */
    int underWay;

    int open;
    final long[] needed = {NEVER, NEVER, NEVER};
    long untrusted = NEVER;

    ModelAgent(int number) {
        this.number = number;
        this.name = number == 0 ? "web/a0" : "shop/a" + number;
    }

    ModelAgent copy() {
        ModelAgent copy = new ModelAgent(number);
        copy.up = up;
        copy.link = link;
        copy.loaded = loaded;
        copy.leafRoot = leafRoot;
        copy.leafEnd = leafEnd;
        copy.podEnd = podEnd;
        copy.acknowledged = acknowledged;
        copy.underWay = underWay;
        copy.open = open;
        System.arraycopy(needed, 0, copy.needed, 0, needed.length);
        copy.untrusted = untrusted;
        return copy;
    }

    boolean isCanary() {
        return number == 0;
    }

    /** Whether somebody may still take its certificate for valid, or it does itself. */
    boolean lives(long now, int skew) {
        return up && leafRoot != 0 && now < leafEnd + skew;
    }

    boolean holdsValidLeaf(long now) {
        return up && leafRoot != 0 && now < leafEnd;
    }

    void load(int epoch) {
        if (epoch > loaded) {
            loaded = epoch;
        }
        underWay |= 1 << loaded;
    }

    /** What was on its way on it does not arrive. */
    void losesStream() {
        link = NOWHERE;
        underWay = 0;
    }

    void dies() {
        up = false;
        losesStream();
        open = 0;
    }

    /** Another process of the same pod: what the one before it said does not count for this one. */
    void returns(boolean withState) {
        up = true;
        acknowledged = 0;
        needed[1] = NEVER;
        needed[2] = NEVER;
        untrusted = NEVER;
        if (!withState) {
            loaded = 1;
            leafRoot = 0;
            leafEnd = NEVER;
        }
    }

    Verifier seen(Instant podEnds, Instant now, Verifier.Usage usage) {
        return new Verifier(
                name,
                "i",
                "n",
                name.substring(0, name.indexOf('/')),
                Map.of(),
                link != NOWHERE,
                now,
                podEnds,
                acknowledged,
                "",
                leafRoot == 0 ? "" : ModelWorld.root(leafRoot).keyId(),
                "",
                Optional.of(usage));
    }

    Verifier.Usage usage(ModelWorld world) {
        List<Verifier.Use> uses = new ArrayList<>();
        for (int root = 1; root <= 2; root++) {
            if (needed[root] != NEVER) {
                uses.add(
                        new Verifier.Use(
                                ModelWorld.root(root).keyId(),
                                Optional.of(world.at(needed[root])),
                                (open & root) != 0 ? 1 : 0));
            }
        }
        return new Verifier.Usage(
                world.at(0),
                uses,
                untrusted == NEVER ? Optional.empty() : Optional.of(world.at(untrusted)));
    }

    void key(StringBuilder key, long now, long since, int skew) {
        key.append('|')
                .append(up ? 'u' : 'd')
                .append(link)
                .append('l')
                .append(loaded)
                .append(',')
                .append(leafRoot)
                .append(',')
                .append(left(leafEnd + skew, now))
                .append(',')
                .append(left(podEnd + skew, now))
                .append('a')
                .append(acknowledged)
                .append('w')
                .append(underWay)
                .append('o')
                .append(open);
        for (int root = 1; root <= 2; root++) {
            key.append(needed[root] > since ? 'n' : needed[root] == NEVER ? '-' : 'p');
        }
        key.append(untrusted > since ? 'x' : '-');
    }

    private static long left(long end, long now) {
        return Math.max(0, end - now);
    }
}
