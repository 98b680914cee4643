package dev.countersign.server.kubernetes.schema;

/** Roots, and who is denied. */
final class TrustSchemas {
    private static final int REASON_LENGTH = 500;
    private static final String KEY_ID = "^[0-9a-f]{8,128}$";

    private TrustSchemas() {}

    static Schema root() {
        Schema spec =
                Schema.object("What is wanted; taking it back undoes nothing.")
                        .field("rotation", rotation())
                        .field(
                                "standby",
                                Schema.text(
                                                "Present: a further root that is trusted and signs nothing.")
                                        .values("Present", "Absent"))
                        .field(
                                "distrust",
                                Schema.list(
                                                "Roots that are believed no more, at once.",
                                                Schema.object("One of them.")
                                                        .field(
                                                                "keyId",
                                                                Schema.text("Of the root.")
                                                                        .pattern(KEY_ID))
                                                        .field("reason", reason())
                                                        .required("keyId", "reason"))
                                        .mostItems(16));
        return Parts.document("The roots of the mesh.", spec, rootStatus())
                .rule(
                        "self.metadata.name == '" + ResourceKind.MESH + "'",
                        "the one TrustRoot is called " + ResourceKind.MESH);
    }

    static Schema revocation() {
        Schema spec =
                Schema.object("Who of this namespace is denied.")
                        .field(
                                "serviceAccount",
                                Schema.text("All its pods, and nothing more is issued to it.")
                                        .longest(Parts.NAME_LENGTH)
                                        .pattern(Parts.NAME))
                        .field(
                                "pod",
                                Schema.text("This one.")
                                        .longest(Parts.NAME_LENGTH)
                                        .pattern(Parts.NAME))
                        .field("reason", reason())
                        .field("duration", Parts.duration("Missing: until this object is deleted."))
                        .required("reason")
                        .rule(
                                "has(self.serviceAccount) != has(self.pod)",
                                "serviceAccount and pod (expected: one of the two)")
                        .rule("self == oldSelf", "spec is never changed: make another Revocation");
        return Parts.document(
                        "Denies a service account or a pod of its own namespace.",
                        spec,
                        Parts.status()
                                .field("id", Schema.text("Of countersign cert revocations."))
                                .field("target", Schema.text("Who is denied."))
                                .field("entries", Schema.integer("That agents are told."))
                                .field("until", Schema.text("When it ends by itself.")))
                .required("spec");
    }

    private static Schema rotation() {
        return Schema.object("Each new request begins one rotation.")
                .field(
                        "request",
                        Schema.text("Any text: another one asks for another rotation.")
                                .notEmpty()
                                .longest(128))
                .field(
                        "subject",
                        Schema.text("What is replaced; Root.").values("Root", "BundleKey"))
                .field(
                        "canary",
                        Schema.text("Who comes first: namespace=shop,label:tier=web").longest(512))
                .field(
                        "connectionDeadline",
                        Parts.duration("How long open connections hold it up."))
                .required("request");
    }

    private static Schema rootStatus() {
        return Parts.status()
                .field("phase", Schema.text("Of the rotation; STABLE where none runs."))
                .field("epoch", Schema.integer("Of the bundle."))
                .field("signingRoot", Schema.text("Key id."))
                .field("trustedRoots", Schema.list("Key ids.", Schema.text("One.")))
                .field("standbyRoot", Schema.text("Key id; missing where there is none."))
                .field("rotationId", Schema.text("Of the running one."))
                .field("handledRequest", Schema.text("The last request that was begun."))
                .field("waitingFor", Schema.text("In a word: the first blocker's code."))
                .field(
                        "blockers",
                        Schema.list(
                                "Some of what stands in the way.",
                                Schema.object("One of them.")
                                        .field("code", Schema.text("A stable code."))
                                        .field("who", Schema.text("Pod, replica, root."))
                                        .field("detail", Schema.text("Value and expectation."))
                                        .field("until", Schema.time("When it is over by itself."))))
                .field("blockersInAll", Schema.integer("How many there are."))
                .field(
                        "awaitedApprovals",
                        Schema.list(
                                "Steps that wait for operators.",
                                Schema.object("One of them.")
                                        .field("step", Schema.text("What would happen."))
                                        .field("digest", Schema.text("What operators sign."))
                                        .field("required", Schema.integer("How many must."))
                                        .field(
                                                "approvers",
                                                Schema.list("Who did.", Schema.text("A name.")))
                                        .field("command", Schema.text("That gives an approval."))));
    }

    private static Schema reason() {
        return Schema.text("Why, for whoever reads the log.").notEmpty().longest(REASON_LENGTH);
    }
}
