"""What can be wrong with a job."""

from dougong.foundation.errors import problem_kind

UNKNOWN_JOB = problem_kind(
    "jobs.unknown-job",
    zh="没有任务 {id}。",
    en="There is no job {id}.",
    do_zh="它可能已被清理，请刷新任务列表。",
    do_en="It may have been cleared away; refresh the list of jobs.",
    status=404,
)
UNKNOWN_KIND = problem_kind(
    "jobs.unknown-kind",
    zh="没有处理“{name}”任务的程序。",
    en="Nothing handles jobs of the kind “{name}”.",
    do_zh="任务可能属于已移除的模块或插件。",
    do_en="It may belong to a module or plugin that was removed.",
)
ASKER_GONE = problem_kind(
    "jobs.asker-gone",
    zh="提出任务的用户已停用。",
    en="The user who asked for the job is no longer active.",
    do_zh="由在用的用户重新提出。",
    do_en="Let an active user ask for it again.",
)
KEEPS_FAILING = problem_kind(
    "jobs.keeps-failing",
    zh="试了 {tries} 次都没有完成：{said}",
    en="It was tried {tries} times without success: {said}",
    do_zh="排除原因后点“重新运行”。",
    do_en="Remove the cause, then choose “run again”.",
)
NOT_FAILED = problem_kind(
    "jobs.not-failed",
    zh="任务 {id} 不在失败或已停止状态。",
    en="Job {id} has neither failed nor been stopped.",
    do_zh="只有这样的任务才能重新运行。",
    do_en="Only such a job can be run again.",
    status=409,
)
NOT_RUNNING = problem_kind(
    "jobs.not-running",
    zh="任务 {id} 已经结束。",
    en="Job {id} has ended already.",
    do_zh="无需停止。",
    do_en="There is nothing to stop.",
    status=409,
)
