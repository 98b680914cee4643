package dev.countersign.deploy.quickstart;

/** The cast: three programs and where everything of theirs listens. */
public record Workloads(Member web, Member orders, Member guest) {
    /**
     * One workload.
     *
     * @param name also its service account, in namespace shop
     * @param app HTTP port of the program
     * @param echo echo port of the program; 0 = none
     * @param inbound its agent's mTLS port for HTTP; 0 = none
     * @param inboundTcp its agent's mTLS port for the echo; 0 = none
     * @param outbound where the program finds orders, in plain HTTP; 0 = none
     * @param outboundTcp where it finds the echo of orders; 0 = none
     * @param ops health and status of its agent
     * @param rpc gRPC port of the program; 0 = none
     * @param inboundRpc its agent's mTLS port for that; 0 = none
     * @param outboundRpc where the program finds the gRPC port of orders; 0 = none
     */
    public record Member(
            String name,
            int app,
            int echo,
            int inbound,
            int inboundTcp,
            int outbound,
            int outboundTcp,
            int ops,
            int rpc,
            int inboundRpc,
            int outboundRpc) {
        public String id() {
            return "spiffe://" + Stage.TRUST_DOMAIN + "/ns/shop/sa/" + name;
        }
    }

    /**
     * @param mixed whether web talks to orders over TCP and gRPC too
     */
    static Workloads on(Ports ports, boolean mixed) {
        int web = ports.free(18081);
        int guest = ports.free(18082);
        int orders = ports.free(18080);
        return new Workloads(
                new Member(
                        "web",
                        web,
                        0,
                        0,
                        0,
                        ports.free(),
                        mixed ? ports.free() : 0,
                        ports.free(),
                        0,
                        0,
                        mixed ? ports.free() : 0),
                new Member(
                        "orders",
                        orders,
                        ports.free(),
                        ports.free(),
                        ports.free(),
                        0,
                        0,
                        ports.free(),
                        mixed ? ports.free() : 0,
                        mixed ? ports.free() : 0,
                        0),
                new Member(
                        "guest",
                        guest,
                        0,
                        0,
                        0,
                        ports.free(),
                        ports.free(),
                        ports.free(),
                        0,
                        0,
                        0));
    }
}
