#include "export/torch_code.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

/* What is written, and of what. */
struct writer {
    char *buffer;
    const struct network_config *config;
    const struct network *network; // its shapes
    int blocks;                    // residual
};

static void add(const struct writer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(const struct writer *out, const char *format, ...) {
    size_t length = strlen(out->buffer);
    va_list args;
    va_start(args, format);
    vsnprintf(out->buffer + length, TORCH_CODE - length, format, args);
    va_end(args);
    REQUIRE(strlen(out->buffer) < TORCH_CODE - 1);
}

/* A number as the shortest that Python reads back as the same; several may stand in one line. */
struct number {
    char text[TEXT_NUMBER];
};

static struct number number(double value) {
    struct number shortest;
    text_number(shortest.text, value);
    return shortest;
}

/* Draws of W, of scale 1. */
static const char *const draws[] = {
    [INITIALISER_ZERO] = "nn.init.zeros_(linear.weight)",
    [INITIALISER_CONSTANT] = "nn.init.ones_(linear.weight)",
    [INITIALISER_SMALL] = "nn.init.normal_(linear.weight, 0.0, 0.01)",
    [INITIALISER_NORMAL] = "nn.init.normal_(linear.weight)",
    [INITIALISER_UNIFORM] = "nn.init.uniform_(linear.weight, -1.0, 1.0)",
    [INITIALISER_XAVIER] = "nn.init.kaiming_normal_(linear.weight, nonlinearity=\"linear\")",
    [INITIALISER_LECUN_UNIFORM] =
        "nn.init.kaiming_uniform_(linear.weight, nonlinearity=\"linear\")",
    [INITIALISER_GLOROT_NORMAL] = "nn.init.xavier_normal_(linear.weight)",
    [INITIALISER_GLOROT_UNIFORM] = "nn.init.xavier_uniform_(linear.weight)",
    [INITIALISER_SIGMOID_XAVIER] = "nn.init.xavier_uniform_(linear.weight, gain=4.0)",
    [INITIALISER_HE] = "nn.init.kaiming_normal_(linear.weight, nonlinearity=\"relu\")",
    [INITIALISER_HE_UNIFORM] = "nn.init.kaiming_uniform_(linear.weight, nonlinearity=\"relu\")",
    [INITIALISER_HE_FAN_OUT] =
        "nn.init.kaiming_normal_(linear.weight, mode=\"fan_out\", nonlinearity=\"relu\")",
    [INITIALISER_PYTORCH] = "nn.init.kaiming_uniform_(linear.weight, a=5 ** 0.5)",
    [INITIALISER_ORTHOGONAL] = "nn.init.orthogonal_(linear.weight)",
    [INITIALISER_IDENTITY] = "nn.init.eye_(linear.weight)",
    [INITIALISER_LSUV] = "nn.init.orthogonal_(linear.weight)  "
                         "# LSUV then divides W by the sd of z on a batch, layer by layer",
    [INITIALISER_RBM] = "nn.init.normal_(linear.weight, 0.0, 0.01)  "
                        "# RBMs are then trained on the inputs, layer by layer",
};
static_assert(ARRAY_LEN(draws) == INITIALISER_COUNT, "a row is missing");

/* phi of z; of two a number of its own follows. */
static const char *const phis[] = {
    [ACTIVATION_LINEAR] = "z",
    [ACTIVATION_SIGMOID] = "torch.sigmoid(z)",
    [ACTIVATION_TANH] = "torch.tanh(z)",
    [ACTIVATION_RELU] = "F.relu(z)",
    [ACTIVATION_LEAKY_RELU] = "F.leaky_relu(z, ", // the slope follows
    [ACTIVATION_PRELU] = "self.slope[str(l)](z)",
    [ACTIVATION_ELU] = "F.elu(z)",
    [ACTIVATION_SELU] = "F.selu(z)",
    [ACTIVATION_GELU] = "F.gelu(z)",
    [ACTIVATION_SILU] = "F.silu(z)",
    [ACTIVATION_SOFTSIGN] = "F.softsign(z)",
    [ACTIVATION_SOFTPLUS] = "F.softplus(z)",
    [ACTIVATION_HARD_TANH] = "F.hardtanh(z)",
    [ACTIVATION_MISH] = "F.mish(z)",
    [ACTIVATION_SCALED_TANH] = "1.7159 * torch.tanh(2 / 3 * z)",
    [ACTIVATION_MAXOUT] = "z.view(len(z), ", // the pieces follow
};
static_assert(ARRAY_LEN(phis) == ACTIVATION_COUNT, "a row is missing");

static const char *const norms[] = {
    [NORMALISATION_NONE] = NULL,
    [NORMALISATION_BATCH] = "nn.BatchNorm1d",
    [NORMALISATION_LAYER] = "nn.LayerNorm",
};
static_assert(ARRAY_LEN(norms) == NORMALISATION_COUNT, "a row is missing");

static const char *const criteria[] = {
    [LOSS_CROSS_ENTROPY] = "nn.CrossEntropyLoss()  # y (batch): class numbers",
    [LOSS_BINARY_CROSS_ENTROPY] = "nn.BCEWithLogitsLoss()  # y (batch, OUTPUTS): 0.0 or 1.0",
    [LOSS_MSE] = "nn.MSELoss()  # y (batch, OUTPUTS): 0.0 or 1.0",
};
static_assert(ARRAY_LEN(criteria) == LOSS_COUNT, "a row is missing");

static const char *const optimiser_names[] = {
    [OPTIMISER_SGD] = "SGD",           [OPTIMISER_MOMENTUM] = "SGD",
    [OPTIMISER_NESTEROV] = "SGD",      [OPTIMISER_ADAGRAD] = "Adagrad",
    [OPTIMISER_ADADELTA] = "Adadelta", [OPTIMISER_RMSPROP] = "RMSprop",
    [OPTIMISER_ADAM] = "Adam",         [OPTIMISER_ADAMW] = "AdamW",
};
static_assert(ARRAY_LEN(optimiser_names) == OPTIMISER_COUNT, "a row is missing");

static bool is(const struct writer *out, enum connection which) {
    return out->config->connection.which == which;
}

static void add_constants(const struct writer *out) {
    const struct network_config *config = out->config;
    bool cosine = config->optimiser.schedule.which == SCHEDULE_COSINE;
    add(out,
        "%simport torch\nfrom torch import nn\n"
        "from torch.nn import functional as F\n\n",
        cosine ? "import math\n\n" : "");
    add(out, "INPUTS, WIDTH, OUTPUTS, LAYERS = %d, %d, %d, %d\n", config->inputs, config->width,
        config->outputs, config->layers);
    add(out, "COLUMNS = ["); // of z: maxout has more than units
    for (int l = 0; l < config->layers; l++) {
        add(out, "%s%d", l > 0 ? ", " : "", out->network->layer[l].columns);
    }
    add(out, "]\nSCALE = %s\n", number(config->init_scale).text);
    if (out->blocks > 0) {
        int span = config->connection.span;
        add(out,
            "\n\ndef in_block(l):\n    return 0 < l <= %d\n\n\n"
            "def ends_block(l):\n    return in_block(l) and l %% %d == 0\n",
            out->blocks * span, span);
    }
}

static void add_reset(const struct writer *out) {
    const struct network_config *config = out->config;
    add(out,
        "\n\n@torch.no_grad()\ndef reset(linear, gain=1.0):\n    %s\n"
        "    linear.weight.mul_(SCALE * gain)\n    if linear.bias is not None:\n",
        draws[config->init]);
    if (initialisers[config->init].bias_limit) { // that of the table's one row with such
        add(out,
            "        limit = SCALE / linear.in_features ** 0.5\n"
            "        nn.init.uniform_(linear.bias, %s - limit, %s + limit)\n",
            number(config->bias).text, number(config->bias).text);
    } else {
        add(out, "        nn.init.constant_(linear.bias, %s)\n", number(config->bias).text);
    }
    if (config->bias_sd > 0.0) {
        add(out, "        linear.bias.add_(torch.randn_like(linear.bias), alpha=%s)\n",
            number(config->bias_sd).text);
    }
}

/* The linear maps of the hidden layers. */
static void add_linears(const struct writer *out) {
    if (is(out, CONNECTION_RECURRENT)) {
        add(out, "        self.input = nn.Linear(INPUTS, COLUMNS[0])\n"
                 "        reset(self.input)\n");
        if (out->config->layers > 1) { // shared by all layers but the first
            add(out, "        self.again = nn.Linear(WIDTH, COLUMNS[0], bias=False)\n"
                     "        reset(self.again)\n");
        }
    } else if (is(out, CONNECTION_SPLIT)) {
        int groups = out->config->connection.groups;
        add(out,
            "        self.linear = nn.ModuleList(nn.ModuleList(\n"
            "            nn.Linear(WIDTH // %d if l else INPUTS, c // %d if l else c)\n"
            "            for _ in range(%d if l else 1)) for l, c in enumerate(COLUMNS))\n"
            "        for groups in self.linear:\n            for linear in groups:\n"
            "                reset(linear)\n",
            groups, groups, groups);
    } else {
        add(out,
            "        self.linear = nn.ModuleList(\n"
            "            nn.Linear(WIDTH if l else INPUTS, c) for l, c in enumerate(COLUMNS))\n"
            "        for l, linear in enumerate(self.linear):\n");
        const struct connection_settings *join = &out->config->connection;
        const struct branch_row *branch = &branches[join->branch];
        if (out->blocks > 0) {
            add(out,
                "            reset(linear, %.1f if ends_block(l) else %s if in_block(l) "
                "else 1.0)\n",
                branch->last_zero ? 0.0 : 1.0, number(branch->gain(out->blocks, join->span)).text);
        } else {
            add(out, "            reset(linear)\n");
        }
    }
}

/* Slopes that are learned, each of some layers. */
static void add_slopes(const struct writer *out) {
    bool any = false;
    double leak = 0.0;
    for (int l = 0; l < out->config->layers; l++) {
        const struct phi *phi = &out->network->layer[l].phi;
        if (phi->which == ACTIVATION_PRELU) {
            add(out, "%s%d",
                any ? ", "
                    : "        self.slope = nn.ModuleDict({\n"
                      "            str(l): nn.PReLU(WIDTH) for l in [",
                l);
            any = true;
            leak = phi->leak;
        }
    }
    if (any) {
        add(out,
            "]})\n        for slope in self.slope.values():\n"
            "            nn.init.constant_(slope.weight, %s)\n",
            number(leak).text);
    }
}

static void add_parts(const struct writer *out) {
    const struct network_config *config = out->config;
    const struct branch_row *branch = &branches[config->connection.branch];
    add(out, "\n\nclass Network(nn.Module):\n    def __init__(self):\n"
             "        super().__init__()\n");
    if (config->layers > 0) {
        add_linears(out);
    }
    add_slopes(out);
    if (norms[config->normalisation]) {
        add(out, "        self.norm = nn.ModuleList(%s(c) for c in COLUMNS)\n",
            norms[config->normalisation]);
    }
    if (out->blocks > 0 && branch->learned) {
        add(out,
            "        self.scale = nn.ParameterList(\n"
            "            nn.Parameter(torch.tensor(%.1f)) for _ in range(%d))\n",
            branch->scale(out->blocks), out->blocks);
    }
    add(out, "        self.output = nn.Linear(WIDTH if LAYERS else INPUTS, OUTPUTS)\n"
             "        reset(self.output)\n");
}

static void add_phi_value(const struct writer *out, const struct phi *phi) {
    add(out, "%s", phis[phi->which]);
    if (phi->which == ACTIVATION_LEAKY_RELU) {
        add(out, "%s)", number(phi->leak).text);
    } else if (phi->which == ACTIVATION_MAXOUT && is(out, CONNECTION_SPLIT)) {
        add(out, "%d if l else 1, %d, -1).amax(2).flatten(1)", out->config->connection.groups,
            phi->pieces);
    } else if (phi->which == ACTIVATION_MAXOUT) {
        add(out, "%d, -1).amax(1)", phi->pieces);
    }
    add(out, "\n");
}

static void add_phi(const struct writer *out) {
    const struct network_config *config = out->config;
    const struct network_exception *other = &config->exception;
    if (config->layers == 0) {
        return;
    }
    add(out, "\n    def phi(self, z, l):\n");
    if (out->blocks > 0 && config->connection.span > 1) {
        add(out, "        if ends_block(l):\n            return z\n");
    }
    if (other->first > 0) {
        add(out, "        if %d <= l <= %d:\n            return ", other->first - 1,
            other->last - 1);
        add_phi_value(out, &other->phi);
    }
    add(out, "        return ");
    add_phi_value(out, &config->phi);
}

/* How a linear map is called: with DropConnect its weights are thinned out. */
static void add_call(const struct writer *out, const char *linear, const char *h) {
    double p = out->config->noise.drop_connect;
    if (p > 0.0) {
        add(out, "F.linear(%s, F.dropout(%s.weight, %s, self.training), %s.bias)", h, linear,
            number(p).text, linear);
    } else {
        add(out, "%s(%s)", linear, h);
    }
}

static void add_linear_step(const struct writer *out) {
    add(out, "            z = ");
    if (is(out, CONNECTION_RECURRENT)) {
        add_call(out, "self.input", "x");
        if (out->config->layers > 1) {
            add(out, "\n            if l:\n                z = z + ");
            add_call(out, "self.again", "h");
        }
    } else if (is(out, CONNECTION_SPLIT)) {
        add(out, "torch.cat([");
        add_call(out, "f", "part");
        add(out, " for f, part in zip(\n"
                 "                self.linear[l], h.chunk(len(self.linear[l]), 1))], 1)");
    } else {
        add_call(out, "self.linear[l]", "h");
    }
    add(out, "\n");
}

/* The end of a residual block. */
static void add_block_end(const struct writer *out) {
    const struct connection_settings *join = &out->config->connection;
    const struct branch_row *branch = &branches[join->branch];
    double p = out->config->noise.stochastic_depth;
    add(out, "            if ends_block(l):\n");
    if (p > 0.0) {
        add(out,
            "                odds = 1 - l // %d / %d * %s\n"
            "                y = y * (float(torch.rand(()) < odds) if self.training else odds)\n",
            join->span, out->blocks, number(p).text);
    }
    if (branch->learned) {
        add(out, "                y = around + self.scale[l // %d - 1] * y\n", join->span);
    } else {
        add(out, "                y = around + %s * y\n", number(branch->scale(out->blocks)).text);
    }
}

static void add_forward(const struct writer *out) {
    const struct network_config *config = out->config;
    const struct noise_settings *noise = &config->noise;
    add(out, "\n    def forward(self, x):\n        h = x\n");
    if (config->layers > 0) {
        add(out, "        for l in range(LAYERS):\n");
        if (out->blocks > 0) {
            add(out,
                "            if in_block(l) and (l - 1) %% %d == 0:\n"
                "                around = h\n",
                config->connection.span);
        }
        add_linear_step(out);
        add(out, "            y = self.phi(%s, l)\n",
            norms[config->normalisation] ? "self.norm[l](z)" : "z");
        if (noise->dropout > 0.0) {
            add(out, "            y = F.dropout(y, %s, self.training)\n",
                number(noise->dropout).text);
        }
        if (noise->alpha_dropout > 0.0) {
            add(out, "            y = F.alpha_dropout(y, %s, self.training)\n",
                number(noise->alpha_dropout).text);
        }
        if (out->blocks > 0) {
            add_block_end(out);
        }
        add(out, "            h = y\n");
    }
    add(out, "        return self.output(h)\n");
}

/* Does the optimizer decay all parameters by itself? Slopes are spared, which it would not do. */
static bool decays(const struct writer *out) {
    bool slopes = false;
    for (int l = 0; l < out->config->layers; l++) {
        slopes |= activations[out->network->layer[l].phi.which].learned;
    }
    return out->config->optimiser.which == OPTIMISER_ADAMW && !slopes;
}

static void add_optimiser(const struct writer *out) {
    const struct optimiser_settings *settings = &out->config->optimiser;
    add(out, "optimizer = torch.optim.%s(network.parameters(), lr=%s",
        optimiser_names[settings->which], number(settings->learning_rate).text);
    switch (settings->which) {
    case OPTIMISER_MOMENTUM:
        add(out, ", momentum=%s", number(settings->momentum).text);
        break;
    case OPTIMISER_NESTEROV:
        add(out, ", momentum=%s, nesterov=True", number(settings->momentum).text);
        break;
    case OPTIMISER_ADADELTA:
        add(out, ", rho=%s", number(settings->rho).text);
        break;
    case OPTIMISER_RMSPROP:
        add(out, ", alpha=%s", number(settings->alpha).text);
        break;
    case OPTIMISER_ADAM:
    case OPTIMISER_ADAMW:
        add(out, ", betas=(%s, %s)", number(settings->beta1).text, number(settings->beta2).text);
        break;
    case OPTIMISER_SGD:
    case OPTIMISER_ADAGRAD:
    case OPTIMISER_COUNT:
        break;
    }
    if (settings->which == OPTIMISER_ADAMW) {
        add(out, ", weight_decay=%s", number(decays(out) ? settings->weight_decay : 0.0).text);
    }
    add(out, ")\n");
}

/* The factor of the learning rate after t updates. */
static bool add_schedule(const struct writer *out) {
    const struct schedule_settings *schedule = &out->config->optimiser.schedule;
    long long period = (long long)schedule->period, warmup = (long long)schedule->warmup;
    if (schedule->which == SCHEDULE_CONSTANT && warmup == 0) {
        return false;
    }
    add(out, "\n\ndef factor(t):\n");
    if (warmup > 0) {
        add(out, "    if t < %lld:\n        return (t + 1) / %lld\n    t -= %lld\n", warmup, warmup,
            warmup);
    }
    switch (schedule->which) {
    case SCHEDULE_STEP:
        add(out, "    return %s ** (t // %lld)\n", number(schedule->drop).text, period);
        break;
    case SCHEDULE_COSINE:
        add(out, "    return (1 + math.cos(math.pi * t / %lld)) / 2\n", period);
        break;
    case SCHEDULE_WARMUP:
        add(out, "    return min(1.0, (t + 1) / %lld)\n", period);
        break;
    case SCHEDULE_CONSTANT:
    case SCHEDULE_COUNT:
        add(out, "    return 1.0\n");
        break;
    }
    add(out, "\n\nscheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)\n");
    return true;
}

/* Between the gradients and the update, in the order of optimiser.h. */
static void add_adjustments(const struct writer *out) {
    const struct optimiser_settings *settings = &out->config->optimiser;
    bool penalised = settings->l1 > 0.0 || settings->l2 > 0.0;
    if (settings->clip_norm > 0.0) {
        add(out, "    nn.utils.clip_grad_norm_(network.parameters(), %s)\n",
            number(settings->clip_norm).text);
    }
    if (settings->clip_value > 0.0) {
        add(out, "    nn.utils.clip_grad_value_(network.parameters(), %s)\n",
            number(settings->clip_value).text);
    }
    bool decay = settings->weight_decay > 0.0 && !decays(out);
    if (!penalised && !decay) {
        return;
    }
    add(out, "    with torch.no_grad():\n"
             "        for name, p in network.named_parameters():\n"
             "            if name.startswith(\"slope\"):\n                continue\n");
    if (penalised) {
        add(out, "            p.grad.add_(%s * p.sign() + %s * p)\n", number(settings->l1).text,
            number(settings->l2).text);
    }
    if (decay) {
        add(out, "            p.mul_(1 - optimizer.param_groups[0][\"lr\"] * %s)\n",
            number(settings->weight_decay).text);
    }
}

static void add_training(const struct writer *out) {
    add(out, "\n\nnetwork = Network()\ncriterion = %s\n", criteria[out->config->loss]);
    add_optimiser(out);
    bool scheduled = add_schedule(out);
    add(out, "\n\ndef step(x, y):\n    optimizer.zero_grad()\n"
             "    loss = criterion(network(x), y)\n    loss.backward()\n");
    add_adjustments(out);
    add(out, "    optimizer.step()\n%s    return loss.item()\n",
        scheduled ? "    scheduler.step()\n" : "");
}

void torch_code_print(const struct experiment *experiment, int run,
                      const struct dataset_shape *shape, char *buffer) {
    static _Thread_local struct network network; // large; only its shapes are looked at
    struct network_config config = experiment_network(experiment, run, shape);
    struct arena counting = { 0 };
    network_layout(&network, &config, &counting);
    const struct writer out = { .buffer = buffer,
                                .config = &config,
                                .network = &network,
                                .blocks = connection_blocks(&config.connection, config.layers) };
    buffer[0] = '\0';
    add(&out, "# layerscope: %s, %s, %d hidden layers of %d, for PyTorch\n",
        activations[config.phi.which].label, initialisers[config.init].label, config.layers,
        config.width);
    add_constants(&out);
    add_reset(&out);
    add_parts(&out);
    add_phi(&out);
    add_forward(&out);
    add_training(&out);
}
