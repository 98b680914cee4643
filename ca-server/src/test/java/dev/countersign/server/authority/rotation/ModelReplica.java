package dev.countersign.server.authority.rotation;

/** One server of a model: the epoch it acts by, when it last looked, and a leaf it is about to sign. */
final class ModelReplica {
    int held = 1;
    long confirmed;

    /** The root of a plan that is not signed yet; 0 = none. */
    int planned;

    int plannedFor;

    ModelReplica copy() {
        ModelReplica copy = new ModelReplica();
        copy.held = held;
        copy.confirmed = confirmed;
        copy.planned = planned;
        copy.plannedFor = plannedFor;
        return copy;
    }

    boolean mayAct(long now, int lease) {
        return now - confirmed < lease;
    }

    void key(StringBuilder key, ModelWorld world) {
        ModelScope.Times times = world.scope().times();
        long silent = Math.min(world.now() - confirmed, Math.max(times.lease(), times.fence() + 1));
        key.append('/').append(held).append('c').append(silent).append('p').append(planned);
        if (planned != 0) {
            key.append(plannedFor);
        }
        if (held < world.newestEpoch()) {
            long stale = world.now() - world.published(held + 1).tick();
            key.append('s').append(Math.min(stale, times.lease()));
        }
    }
}
