"""Losses with their options, and losses whose rows weigh differently, for further-losses.json: PyTorch's, or the formula of the paper."""

import torch
import torch.nn.functional as F

SEED = 40


def encoded(x):
    """A tensor as the files hold it: its shape, and its elements row after row."""
    return {"shape": list(x.shape), "data": x.detach().double().flatten().tolist()}


def case(name, option, prediction, target, value_of, **more):
    """The value of a loss and its gradient for the prediction. `more` are further inputs, such as weights."""
    prediction = prediction.clone().requires_grad_()
    value = value_of(prediction)
    value.backward()
    return {
        "name": name,
        "loss": option,
        "prediction": encoded(prediction),
        "target": encoded(target),
        **{key: encoded(x) for key, x in more.items()},
        "value": value.item(),
        "gradPrediction": encoded(prediction.grad),
    }


def focal_of_labels(x, y, gamma, alpha):
    """Lin et al. 2017, as torchvision writes it."""
    p = torch.sigmoid(x)
    losses = F.binary_cross_entropy_with_logits(x, y, reduction="none") * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
    return losses if alpha is None else losses * (alpha * y + (1 - alpha) * (1 - y))


def focal_of_classes(x, y, gamma, alpha):
    """The same of softmax: y is indices or probabilities."""
    logs = F.log_softmax(x, 1)
    target = F.one_hot(y, x.shape[1]).double() if y.ndim == 1 else y
    weight = torch.ones(x.shape[1], dtype=x.dtype) if alpha is None else torch.tensor(alpha, dtype=x.dtype)
    return -(weight * target * (1 - logs.exp()) ** gamma * logs).sum(1)


def contrastive(x, y, margin):
    """Hadsell et al. 2006 of two halves."""
    a, b = x.chunk(2, -1)
    distance = F.pairwise_distance(a, b, eps=0)
    return y * distance**2 + (1 - y) * torch.clamp(margin - distance, min=0) ** 2


def option_cases():
    """Losses with their options."""
    x, cases = torch.randn(6, 4) * 2, []
    labels = (torch.rand(6, 4) < 0.4).double()
    shares = torch.rand(6, 4)
    for target, what in [(labels, "labels"), (shares, "shares")]:
        for weight in [3.0, [0.5, 2.0, 0.0, 7.0]]:
            pos = torch.tensor(weight).expand(4)
            option = {"type": "sigmoidCrossEntropy", "posWeight": weight}
            value_of = lambda p, y=target, w=pos: F.binary_cross_entropy_with_logits(p, y, pos_weight=w)
            cases.append(case(f"sigmoidCrossEntropy of {what}, posWeight {weight}", option, x, target, value_of))
        for gamma, alpha in [(2.0, None), (2.0, 0.25), (1.0, 0.9), (0.5, 0.25), (3.5, None), (0.0, 0.3)]:
            option = {"type": "sigmoidFocal", "gamma": gamma, **({} if alpha is None else {"alpha": alpha})}
            value_of = lambda p, y=target, g=gamma, a=alpha: focal_of_labels(p, y, g, a).mean()
            cases.append(case(f"sigmoidFocal of {what}, gamma {gamma}, alpha {alpha}", option, x, target, value_of))
    indices = torch.tensor([0, 3, 1, 1, 2, 0])
    spread = F.softmax(torch.randn(6, 4), 1)
    for target, what in [(indices, "indices"), (spread, "probabilities")]:
        for gamma, alpha in [(2.0, None), (2.0, [0.5, 1.0, 2.0, 0.0]), (1.0, None), (0.7, [1.0, 2.0, 3.0, 4.0]), (0.0, None)]:
            option = {"type": "softmaxFocal", "gamma": gamma, **({} if alpha is None else {"alpha": alpha})}
            value_of = lambda p, y=target, g=gamma, a=alpha: focal_of_classes(p, y, g, a).mean()
            cases.append(case(f"softmaxFocal of {what}, gamma {gamma}, alpha {alpha}", option, x, target, value_of))
    counts = torch.tensor([[0.0, 1.0, 2.0, 7.0]] * 3 + [[5.0, 0.0, 1.0, 12.0]] * 3)
    for full in [False, True]:
        option = {"type": "poisson", "full": full}
        cases.append(case(f"poisson, full {full}", option, x, counts, lambda p, f=full: F.poisson_nll_loss(p, counts, full=f)))
        value_of = lambda p, f=full: F.poisson_nll_loss(p, counts, log_input=False, full=f)
        cases.append(case(f"poisson of rates, full {full}", {**option, "logInput": False}, x.abs() + 0.1, counts, value_of))
    numbers = torch.randn(6, 2)
    for full in [False, True]:
        value_of = lambda p, f=full: F.gaussian_nll_loss(p[:, :2], numbers, p[:, 2:].exp(), full=f)
        option = {"type": "gaussianNegativeLogLikelihood", "full": full}
        cases.append(case(f"gaussianNegativeLogLikelihood, full {full}", option, x, numbers, value_of))
    directions = torch.randn(6, 4)
    value_of = lambda p: F.cosine_embedding_loss(p, directions, torch.ones(6))
    cases.append(case("cosineSimilarity", "cosineSimilarity", x, directions, value_of))
    same = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.3])
    for margin in [1.0, 4.0]:
        option = {"type": "contrastive", "margin": margin}
        cases.append(case(f"contrastive, margin {margin}", option, x, same, lambda p, m=margin: contrastive(p, same, m).mean()))
    return cases


def weighted_cases():
    """Losses whose rows weigh differently: Σ w·l / Σ w, with PyTorch's own weights where it has them."""
    x, cases = torch.randn(6, 4) * 2, []
    rows = torch.tensor([1.0, 0.0, 2.5, 0.25, 1.0, 4.0])
    per_row = rows[:, None].expand(6, 4)
    mean = lambda losses: (rows * losses.reshape(6, -1).mean(1)).sum() / rows.sum()
    numbers, labels = torch.randn(6, 4), (torch.rand(6, 4) < 0.5).double()
    values = [
        ("meanSquaredError", numbers, lambda p: mean(F.mse_loss(p, numbers, reduction="none"))),
        ("halfSquaredError", numbers, lambda p: 2 * mean(F.mse_loss(p, numbers, reduction="none"))),
        ("meanAbsoluteError", numbers, lambda p: mean(F.l1_loss(p, numbers, reduction="none"))),
        ({"type": "huber", "delta": 0.7}, numbers, lambda p: mean(F.huber_loss(p, numbers, delta=0.7, reduction="none"))),
        (
            "sigmoidCrossEntropy",
            labels,
            lambda p: F.binary_cross_entropy_with_logits(p, labels, weight=per_row, reduction="sum") / per_row.sum(),
        ),
    ]
    for option, target, value_of in values:
        name = option if isinstance(option, str) else option["type"]
        cases.append(case(f"{name}, rows weighted", option, x, target, value_of, weight=rows))
    p = torch.rand(6, 4) * 0.98 + 0.01
    value_of = lambda p: F.binary_cross_entropy(p, labels, weight=per_row, reduction="sum") / per_row.sum()
    cases.append(case("binaryCrossEntropy, rows weighted", "binaryCrossEntropy", p, labels, value_of, weight=rows))
    spread = F.softmax(torch.randn(6, 4), 1)
    value_of = lambda p: (rows * F.kl_div(p, spread, reduction="none").sum(1)).sum() / rows.sum()
    cases.append(case("kullbackLeibler, rows weighted", "kullbackLeibler", x, spread, value_of, weight=rows))
    value_of = lambda p: (rows * F.cross_entropy(p, spread, reduction="none")).sum() / rows.sum()
    cases.append(case("softmaxCrossEntropy of probabilities, rows weighted", "softmaxCrossEntropy", x, spread, value_of, weight=rows))
    classes = torch.tensor([0, 3, 1, 1, 2, 0])
    of_classes = torch.tensor([0.5, 2.0, 1.0, 3.0])
    weights = of_classes[classes]
    logs = F.log_softmax(torch.randn(6, 4), 1)
    by_class = [
        ("softmaxCrossEntropy", x, lambda p: F.cross_entropy(p, classes, weight=of_classes)),
        ("negativeLogLikelihood", logs, lambda p: F.nll_loss(p, classes, weight=of_classes)),
        (
            "multiClassHinge",
            x,
            lambda p: F.multi_margin_loss(p, classes, weight=of_classes, reduction="sum") / weights.sum(),
        ),
    ]
    for name, prediction, value_of in by_class:
        cases.append(case(f"{name}, classes weighted", name, prediction, classes, value_of, weight=weights))
    ignored = torch.tensor([0, 3, 1, -100, 2, -100])
    of_counted = torch.where(ignored < 0, torch.tensor(5.0), of_classes[ignored.clamp(min=0)])
    option = {"type": "softmaxCrossEntropy", "ignore": -100}
    value_of = lambda p: F.cross_entropy(p, ignored, weight=of_classes)
    cases.append(case("softmaxCrossEntropy, classes weighted and ignored", option, x, ignored, value_of, weight=of_counted))
    return cases


def ctc_cases():
    """Connectionist temporal classification: the loss of each row, and the gradient of their mean for the logits."""

    def labels_of(rows):
        """Rows of labels, padded with -1."""
        longest = max(1, *(len(row) for row in rows))
        return torch.tensor([row + [-1] * (longest - len(row)) for row in rows])

    def ctc(name, logits, rows, lengths=None, blank=0, zero_infinity=False):
        logits = logits.clone().requires_grad_()
        n, steps, _ = logits.shape
        own = torch.full((n,), steps) if lengths is None else torch.tensor(lengths)
        labels = [torch.tensor(row, dtype=torch.long) for row in rows]
        losses = F.ctc_loss(
            F.log_softmax(logits, -1).transpose(0, 1),
            torch.cat(labels),
            own,
            torch.tensor([len(row) for row in rows]),
            blank=blank,
            reduction="none",
            zero_infinity=zero_infinity,
        )
        losses.mean().backward()
        option = {"type": "ctc"}
        if blank != 0:
            option["blank"] = blank
        if zero_infinity:
            option |= {"zeroInfinity": True, "longest": labels_of(rows).shape[1]}
        if lengths is not None:
            option["lengths"] = "lengths"
        return {
            "name": name,
            "loss": option,
            "prediction": encoded(logits),
            "target": encoded(labels_of(rows)),
            **({} if lengths is None else {"lengths": encoded(own)}),
            "losses": encoded(losses),
            "gradPrediction": encoded(logits.grad),
        }

    x = torch.randn(5, 9, 6) * 2
    some = [[1, 2, 3], [4, 5, 1, 2], [3], [2, 1, 4, 3, 5], [5, 4]]
    repeats = [[1, 1, 1], [2, 2, 3, 3], [4, 4, 4, 4, 4], [1, 2, 1, 2], [3, 3]]
    long = torch.randn(2, 50, 8) * 3
    reading = [torch.randint(1, 8, (n,)).tolist() for n in [15, 22]]
    return [
        ctc("random logits", x, some),
        ctc("the last class as the blank", x, [[(label - 1) for label in row] for row in some], blank=5),
        ctc("a class between as the blank", x, [[label if label > 2 else label - 1 for label in row] for row in some], blank=2),
        ctc("repeated labels", x, repeats),
        ctc("no labels", x, [[], [1], [], [2, 2], []]),
        ctc("no labels at all", x, [[]] * 5),
        ctc("as many labels as steps", x, [[1, 2, 3, 4, 5, 1, 2, 3, 4], [1, 1, 1, 1, 1], [2, 2, 3, 3, 4, 4], [5, 4, 3, 2, 1, 2, 3, 4, 5], [1, 2] * 4]),
        ctc("several lengths", x, some, lengths=[9, 5, 1, 7, 2]),
        ctc("several lengths, repeated labels", x, repeats, lengths=[5, 9, 9, 4, 3]),
        ctc("logits of 50", torch.where(torch.rand(5, 9, 6) < 0.5, 50.0, -50.0) + torch.randn(5, 9, 6), some),
        ctc("logits of 50, repeated labels", torch.where(torch.rand(5, 9, 6) < 0.5, 50.0, -50.0), repeats),
        ctc("one step", torch.randn(4, 1, 3), [[1], [2], [], [1]]),
        ctc("one step and two classes", torch.randn(2, 1, 2), [[1], []]),
        ctc("many steps", long, reading),
        ctc("many steps, several lengths", long, reading, lengths=[50, 37]),
        ctc("labels without room, zeroInfinity", x, [[1] * 6, [2, 1], [3] * 5, [1, 2] * 5, [1]], zero_infinity=True),
        ctc("lengths without room, zeroInfinity", x, some, lengths=[3, 3, 0, 5, 1], zero_infinity=True),
    ]


def triplet_cases():
    """An anchor and two others, of which the target says whether the first belongs to it: 1, or 0 where the second does."""
    x, cases = torch.randn(6, 6), []
    belongs = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])[:, None].expand(6, 2) > 0.5

    def triplet(p, margin, first):
        anchor, b, c = p.chunk(3, -1)
        return F.triplet_margin_loss(anchor, torch.where(first, b, c), torch.where(first, c, b), margin=margin, eps=0)

    for margin in [1.0, 0.2, 5.0]:
        option = {"type": "triplet", "margin": margin}
        cases.append(case(f"triplet, margin {margin}", option, x, belongs[:, 0].double(), lambda p, m=margin: triplet(p, m, belongs)))
    first = torch.ones(6, 2, dtype=torch.bool)
    cases.append(case("triplet, the first always nearer", {"type": "triplet"}, x, first[:, 0].double(), lambda p: triplet(p, 1.0, first)))
    return cases


def loss_file():
    """The content of further-losses.json, without its source."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        options, weighted, sequences = option_cases(), weighted_cases(), ctc_cases()
        return {"options": options + triplet_cases(), "weighted": weighted, "sequences": sequences}
