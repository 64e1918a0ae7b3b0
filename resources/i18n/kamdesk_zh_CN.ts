<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>AttachmentList</name>
    <message>
        <source>Drop files here, or paste a picture</source>
        <translation>把文件拖到这里，或粘贴图片</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>添加附件…</translation>
    </message>
    <message>
        <source>Files can be dropped on this form, and pictures and files pasted into it.</source>
        <translation>可以把文件拖到此表单上，也可以粘贴图片和文件。</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>It is fetched from head office when you open or save it.</source>
        <translation>打开或另存时从总部取回。</translation>
    </message>
    <message>
        <source>It waits for a connection that does not cost by volume.</source>
        <translation>等待不按流量计费的网络后发送。</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>{name} is attached already.</source>
        <translation>{name} 已是附件。</translation>
    </message>
    <message>
        <source>{name} is not what its name says. It is attached as it is, but nobody can open it from here.</source>
        <translation>{name} 的内容与名称不符。已按原样附上，但不能从这里打开。</translation>
    </message>
    <message>
        <source>Saving {name}, {n} of {count}</source>
        <translation>正在保存 {name}，第 {n} 个，共 {count} 个</translation>
    </message>
    <message>
        <source>{n} of {max}</source>
        <translation>{n} / {max}</translation>
    </message>
</context>
<context>
    <name>AttachmentsCard</name>
    <message>
        <source>Send them all the same</source>
        <translation>仍然发送</translation>
    </message>
    <message>
        <source>Attachments on their way</source>
        <translation>发送中的附件</translation>
    </message>
    <message>
        <source>{n}, {size} left</source>
        <translation>{n} 个，还剩 {size}</translation>
    </message>
    <message>
        <source>This connection costs by volume, so files wait for another one. Records are sent as always.</source>
        <translation>此网络按流量计费，文件会等待其他网络。记录照常发送。</translation>
    </message>
    <message>
        <source>They are sent in pieces, after your records.</source>
        <translation>文件在记录之后分块发送。</translation>
    </message>
</context>
<context>
    <name>BackupCard</name>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>Go back to a backup…</source>
        <translation>恢复到某个备份…</translation>
    </message>
    <message>
        <source>KAMDesk backs up by itself every four hours and when it is closed: encrypted, on this computer.</source>
        <translation>KAMDesk 每四小时以及关闭时自动备份：加密保存在本机。</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>显示文件夹</translation>
    </message>
    <message>
        <source>{when} · {size} MB</source>
        <translation>{when} · {size} MB</translation>
    </message>
    <message>
        <source>There is no backup yet.</source>
        <translation>尚无备份。</translation>
    </message>
    <message>
        <source>The backup was made and checked</source>
        <translation>备份已完成并通过校验</translation>
    </message>
</context>
<context>
    <name>Bugs</name>
    <message>
        <source>Something unexpected happened. What you saved is safe on this computer.</source>
        <translation>发生了意外情况。您已保存的内容在本机安全无损。</translation>
    </message>
    <message>
        <source>You can go on working. The details help to mend it.</source>
        <translation>您可以继续工作。详细信息有助于修复问题。</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
</context>
<context>
    <name>ConflictCard</name>
    <message>
        <source>Overwritten · {title}</source>
        <translation>已被覆盖 · {title}</translation>
    </message>
    <message>
        <source>Yours was replaced · {title}</source>
        <translation>您的值被替换 · {title}</translation>
    </message>
    <message>
        <source>Conflict · {title}</source>
        <translation>冲突 · {title}</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Was</source>
        <translation>原值</translation>
    </message>
    <message>
        <source>Mine · {at}</source>
        <translation>我的 · {at}</translation>
    </message>
    <message>
        <source>Overwritten value</source>
        <translation>被覆盖的值</translation>
    </message>
    <message>
        <source>Nothing is thrown away: the other value stays here for 30 days.</source>
        <translation>不会丢弃任何内容：另一个值在此保留 30 天。</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>保留我的</translation>
    </message>
    <message>
        <source>Keep head office&apos;s</source>
        <translation>保留总部的</translation>
    </message>
    <message>
        <source>At head office</source>
        <translation>总部的值</translation>
    </message>
    <message>
        <source>On the computer where it was typed</source>
        <translation>在输入它的那台电脑上</translation>
    </message>
    <message>
        <source>Head office</source>
        <translation>总部</translation>
    </message>
    <message>
        <source>Take the overwritten value</source>
        <translation>取回被覆盖的值</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>As chosen</source>
        <translation>按所选处理</translation>
    </message>
    <message>
        <source>Deletion</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>ContractForm</name>
    <message>
        <source>Contract</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Name, pinyin, initials or city</source>
        <translation>名称、拼音、首字母或城市</translation>
    </message>
    <message>
        <source>as your company numbers them</source>
        <translation>按公司编号规则填写</translation>
    </message>
    <message>
        <source>e.g. Annual supply contract</source>
        <translation>例如：年度供货合同</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Notice, days</source>
        <translation>提前通知天数</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Keep as draft</source>
        <translation>保存为草稿</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Hand in for review</source>
        <translation>提交审核</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Net value</source>
        <translation>净额</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>Prices are locked and cannot be typed.</source>
        <translation>价格已锁定，无法填写。</translation>
    </message>
    <message>
        <source>Add product</source>
        <translation>添加产品</translation>
    </message>
    <message>
        <source>Enter: next cell, at the end a new row · Ctrl+Delete: remove · Ctrl+Z: undo · Ctrl+V: rows from Excel</source>
        <translation>Enter：下一格，末格新增一行 · Ctrl+Delete：删除行 · Ctrl+Z：撤销 · Ctrl+V：从 Excel 粘贴</translation>
    </message>
    <message>
        <source>Row {n}, {column}: {what}</source>
        <translation>第 {n} 行，{column}：{what}</translation>
    </message>
</context>
<context>
    <name>Contracts</name>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Drafts</source>
        <translation>草稿</translation>
    </message>
    <message>
        <source>In review</source>
        <translation>审核中</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>生效</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>Customer, number, title or product</source>
        <translation>客户、编号、名称或产品</translation>
    </message>
    <message>
        <source>Contracts</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>No contract here</source>
        <translation>这里没有合同</translation>
    </message>
    <message>
        <source>Draft one with Ctrl+Shift+T; it is kept on this computer at once.</source>
        <translation>按 Ctrl+Shift+T 起草；内容会立即保存在本机。</translation>
    </message>
    <message>
        <source>Contracts of your customers are shown here.</source>
        <translation>这里显示您客户的合同。</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Reconciled</source>
        <translation>同步</translation>
    </message>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>明细数</translation>
    </message>
    <message>
        <source>Drafted by</source>
        <translation>起草人</translation>
    </message>
    <message>
        <source>Choose a contract</source>
        <translation>请选择合同</translation>
    </message>
    <message>
        <source>Its term, its products and their prices are shown here.</source>
        <translation>这里显示合同期限、产品及价格。</translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 天</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Hand in for review</source>
        <translation>提交审核</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>撤回</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Net value</source>
        <translation>净额</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>Hold a line to see its prices</source>
        <translation>按住某一行即可查看其价格</translation>
    </message>
    <message>
        <source>No product yet. Go on to add them.</source>
        <translation>还没有产品。点“继续”添加。</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Copied with its prices</source>
        <translation>已连同价格复制</translation>
    </message>
    <message>
        <source>Copied without prices: they are locked</source>
        <translation>已复制，但不含价格：价格已锁定</translation>
    </message>
    <message>
        <source>Draft deleted</source>
        <translation>草稿已删除</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>通知期</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
    <message>
        <source>Export with prices…</source>
        <translation>连同价格导出…</translation>
    </message>
    <message>
        <source>Notes on products</source>
        <translation>产品备注</translation>
    </message>
    <message>
        <source>Sealed notes on products</source>
        <translation>已封存的产品备注</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
</context>
<context>
    <name>CustomerPane</name>
    <message>
        <source>Visits</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>No visit yet. Record the first one with Ctrl+N.</source>
        <translation>还没有拜访。按 Ctrl+N 记录第一次拜访。</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Contracts</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>There is no contract with this customer.</source>
        <translation>与该客户没有合同。</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>推广活动</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>No task for this customer.</source>
        <translation>该客户没有任务。</translation>
    </message>
    <message>
        <source>Unsent</source>
        <translation>未发送</translation>
    </message>
    <message>
        <source>Everything here is confirmed by head office.</source>
        <translation>此处内容均已由总部确认。</translation>
    </message>
    <message>
        <source>No change waits here, but head office does not have everything.</source>
        <translation>这里没有待发送的更改，但总部尚未拥有全部内容。</translation>
    </message>
    <message>
        <source>Tier {tier}</source>
        <translation>{tier} 级</translation>
    </message>
    <message>
        <source>Visit overdue {n} days</source>
        <translation>拜访逾期 {n} 天</translation>
    </message>
    <message>
        <source>Visit overdue 1 day</source>
        <translation>拜访逾期 1 天</translation>
    </message>
    <message>
        <source>{n} need you</source>
        <translation>{n} 项需要您处理</translation>
    </message>
    <message>
        <source>1 needs you</source>
        <translation>1 项需要您处理</translation>
    </message>
    <message>
        <source>{n} not yet sent</source>
        <translation>{n} 项尚未发送</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Record visit</source>
        <translation>记录拜访</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Last visit</source>
        <translation>上次拜访</translation>
    </message>
    <message>
        <source>Next visit</source>
        <translation>下次拜访</translation>
    </message>
    <message>
        <source>Visits, 90 days</source>
        <translation>近 90 天拜访</translation>
    </message>
    <message>
        <source>call plan every {n} days</source>
        <translation>计划每 {n} 天拜访一次</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Attachments: {n}</source>
        <translation>附件：{n}</translation>
    </message>
    <message>
        <source>Add person</source>
        <translation>添加人员</translation>
    </message>
    <message>
        <source>met {day}</source>
        <translation>{day}见过</translation>
    </message>
    <message>
        <source>New contract</source>
        <translation>新建合同</translation>
    </message>
    <message>
        <source>until {day}</source>
        <translation>至 {day}</translation>
    </message>
    <message>
        <source>New request</source>
        <translation>新建申请</translation>
    </message>
</context>
<context>
    <name>Customers</name>
    <message>
        <source>Name, part of it, pinyin, initials, city</source>
        <translation>名称、部分名称、拼音、首字母、城市</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Customers</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>No customer found</source>
        <translation>没有找到客户</translation>
    </message>
    <message>
        <source>Type another part of the name, its pinyin or initials, or the city.</source>
        <translation>请输入名称的其他部分、拼音、首字母或城市。</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>Last visit</source>
        <translation>上次拜访</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下次</translation>
    </message>
    <message>
        <source>overdue</source>
        <translation>已逾期</translation>
    </message>
    <message>
        <source>{n} in your territory</source>
        <translation>辖区内 {n} 家</translation>
    </message>
    <message>
        <source>{n} found</source>
        <translation>找到 {n} 家</translation>
    </message>
    <message>
        <source>Choose a customer</source>
        <translation>请选择客户</translation>
    </message>
    <message>
        <source>Its people, visits, contracts and tasks are shown here.</source>
        <translation>此处显示其人员、拜访、合同和任务。</translation>
    </message>
    <message>
        <source>Add person</source>
        <translation>添加人员</translation>
    </message>
    <message>
        <source>Edit customer</source>
        <translation>编辑客户</translation>
    </message>
    <message>
        <source>Tier</source>
        <comment>column</comment>
        <translation>分级</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>科室</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>职务</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>电话</translation>
    </message>
</context>
<context>
    <name>DeletionsCard</name>
    <message>
        <source>{kind}: {count} of {total} would go</source>
        <translation>{kind}：{total} 条中将有 {count} 条被删除</translation>
    </message>
    <message>
        <source>Keep them and ask head office</source>
        <translation>保留记录并询问总部</translation>
    </message>
    <message>
        <source>Take the deletions over</source>
        <translation>接受删除</translation>
    </message>
    <message>
        <source>Head office deletes unusually many records</source>
        <translation>总部要删除的记录异常之多</translation>
    </message>
    <message>
        <source>Nothing was deleted here</source>
        <translation>本机未删除任何记录</translation>
    </message>
    <message>
        <source>A backup from before was made and stays for a month.</source>
        <translation>已做好删除前的备份，保留一个月。</translation>
    </message>
    <message>
        <source>No backup could be made: free some space before you take them over.</source>
        <translation>未能做备份：接受删除前请先腾出磁盘空间。</translation>
    </message>
    <message>
        <source>Until you decide, and while you keep them, nothing new is taken in from head office; what you save is handed in as always.</source>
        <translation>在您决定之前以及选择保留期间，不会接收总部的新内容；您保存的内容照常上交。</translation>
    </message>
</context>
<context>
    <name>DiagnosticsDialog</name>
    <message>
        <source>Diagnostic bundle</source>
        <translation>诊断包</translation>
    </message>
    <message>
        <source>Texts in the bundle</source>
        <translation>诊断包中的文本</translation>
    </message>
    <message>
        <source>What the text says</source>
        <translation>文本内容</translation>
    </message>
    <message>
        <source>These texts help to find a fault. They hold no customers, visits or prices. Nothing is sent: you choose where the file goes and who gets it.</source>
        <translation>这些文本有助于查找故障，其中不含客户、拜访或价格。不会发送任何内容：文件保存到哪里、交给谁，由您决定。</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Archive (*.zip)</source>
        <translation>压缩包 (*.zip)</translation>
    </message>
    <message>
        <source>Save the bundle</source>
        <translation>保存诊断包</translation>
    </message>
    <message>
        <source>The bundle is in {name}</source>
        <translation>诊断包已保存为 {name}</translation>
    </message>
</context>
<context>
    <name>DraftForm</name>
    <message>
        <source>• required · Esc keeps the draft</source>
        <translation>• 必填 · Esc 保留草稿</translation>
    </message>
    <message>
        <source>Draft kept on this computer, {time}</source>
        <translation>草稿已保存在本机，{time}</translation>
    </message>
    <message>
        <source>Saved as soon as the files are.</source>
        <translation>文件保存后立即保存。</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
</context>
<context>
    <name>DuplicateRows</name>
    <message>
        <source>left out</source>
        <translation>略去</translation>
    </message>
    <message>
        <source>updates the known one</source>
        <translation>更新已有记录</translation>
    </message>
    <message>
        <source>created anyway</source>
        <translation>仍然新增</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Repeats</source>
        <translation>重复于</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>处理方式</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复项</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>略去</translation>
    </message>
    <message>
        <source>Update the known one</source>
        <translation>更新已有记录</translation>
    </message>
    <message>
        <source>Create anyway</source>
        <translation>仍然新增</translation>
    </message>
    <message>
        <source>Chosen rows:</source>
        <translation>所选行：</translation>
    </message>
    <message>
        <source>known already</source>
        <translation>已有记录</translation>
    </message>
    <message>
        <source>row {n}</source>
        <translation>第 {n} 行</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export the list</source>
        <translation>导出列表</translation>
    </message>
    <message>
        <source>Excel workbook (*.xlsx)</source>
        <translation>Excel 工作簿 (*.xlsx)</translation>
    </message>
    <message>
        <source>Text for Excel (*.csv)</source>
        <translation>Excel 可打开的文本 (*.csv)</translation>
    </message>
    <message>
        <source>{n} rows are in {name}</source>
        <translation>{n} 行已写入 {name}</translation>
    </message>
    <message>
        <source>1 row is in {name}</source>
        <translation>1 行已写入 {name}</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>正在导出…</translation>
    </message>
    <message>
        <source>The export was cancelled</source>
        <translation>导出已取消</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>Finder</name>
    <message>
        <source>Customer, screen or action</source>
        <translation>客户、页面或操作</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>Looking for your profile…</source>
        <translation>正在查找您的配置…</translation>
    </message>
    <message>
        <source>This computer was cleared</source>
        <translation>此电脑的数据已清除</translation>
    </message>
    <message>
        <source>Head office had the data on this computer deleted. Nothing of it can be read here any more.</source>
        <translation>总部已要求删除此电脑上的数据，此处的内容均已无法读取。</translation>
    </message>
    <message>
        <source>Signed out</source>
        <translation>已退出登录</translation>
    </message>
    <message>
        <source>Your data stays on this computer, sealed, with everything that was not sent yet.</source>
        <translation>您的数据（包括尚未发送的内容）仍加密保存在这台电脑上。</translation>
    </message>
    <message>
        <source>Welcome back</source>
        <translation>欢迎回来</translation>
    </message>
    <message>
        <source>Passphrase of {label}</source>
        <translation>{label} 的口令短语</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Set up another user or head office</source>
        <translation>设置其他用户或总部</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Remove {label} from this computer</source>
        <translation>从这台电脑移除 {label}</translation>
    </message>
    <message>
        <source>Asking this computer&apos;s key store…</source>
        <translation>正在询问本机的密钥库…</translation>
    </message>
    <message>
        <source>Set up KAMDesk on this computer</source>
        <translation>在本机设置 KAMDesk</translation>
    </message>
    <message>
        <source>Your customers, visits and tasks are kept here, encrypted, and work without a connection.</source>
        <translation>您的客户、拜访和任务加密保存在本机，没有网络也能工作。</translation>
    </message>
    <message>
        <source>Address of head office</source>
        <translation>总部地址</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>or enrolment code</source>
        <translation>或注册码</translation>
    </message>
    <message>
        <source>From your administrator; instead of user and password</source>
        <translation>由管理员提供；可代替用户名和密码</translation>
    </message>
    <message>
        <source>This computer has no key store that can be trusted. Choose a passphrase that opens KAMDesk here; it cannot be recovered.</source>
        <translation>本机没有可信的密钥库。请设置一个口令短语，用来在本机打开 KAMDesk；它无法找回。</translation>
    </message>
    <message>
        <source>New passphrase</source>
        <translation>新口令短语</translation>
    </message>
    <message>
        <source>At least 12 characters</source>
        <translation>至少 12 个字符</translation>
    </message>
    <message>
        <source>The passphrase again</source>
        <translation>再次输入口令短语</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Opening your data…</source>
        <translation>正在打开您的数据…</translation>
    </message>
    <message>
        <source>The first time after an update of KAMDesk this takes a moment longer.</source>
        <translation>KAMDesk 更新后首次打开会稍慢一些。</translation>
    </message>
    <message>
        <source>KAMDesk cannot start</source>
        <translation>KAMDesk 无法启动</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Signing in…</source>
        <translation>正在登录…</translation>
    </message>
</context>
<context>
    <name>FormAttachments</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>{name} was removed</source>
        <translation>已移除 {name}</translation>
    </message>
    <message>
        <source>{name} is no longer on this computer. Attach it again.</source>
        <translation>{name} 已不在本机。请重新添加。</translation>
    </message>
</context>
<context>
    <name>GridModel</name>
    <message>
        <source>Choose the product from the list.</source>
        <translation>请从列表中选择产品。</translation>
    </message>
    <message>
        <source>The contract price is above the list price.</source>
        <translation>合同价高于标价。</translation>
    </message>
    <message>
        <source>The net price is above the contract price.</source>
        <translation>净价高于合同价。</translation>
    </message>
    <message>
        <source>The net price is below the floor.</source>
        <translation>净价低于底价。</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Pack</source>
        <translation>包装</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Search customers and actions…   Ctrl+K</source>
        <translation>搜索客户、页面和操作…   Ctrl+K</translation>
    </message>
    <message>
        <source>Record visit</source>
        <translation>记录拜访</translation>
    </message>
    <message>
        <source>New request</source>
        <translation>新建申请</translation>
    </message>
    <message>
        <source>New contract</source>
        <translation>新建合同</translation>
    </message>
</context>
<context>
    <name>Imports</name>
    <message>
        <source>Import a file…</source>
        <translation>导入文件…</translation>
    </message>
    <message>
        <source>Paste rows</source>
        <translation>粘贴表格行</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Nothing was imported yet</source>
        <translation>尚未导入任何内容</translation>
    </message>
    <message>
        <source>{n} new</source>
        <translation>新增 {n}</translation>
    </message>
    <message>
        <source>{n} changed</source>
        <translation>更新 {n}</translation>
    </message>
    <message>
        <source>{n} not yet confirmed</source>
        <translation>{n} 项尚未确认</translation>
    </message>
    <message>
        <source>{n} kept, edited or used since</source>
        <translation>{n} 项已被编辑或使用，予以保留</translation>
    </message>
    <message>
        <source>Undo the whole import</source>
        <translation>撤销整个导入</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>已导入</translation>
    </message>
    <message>
        <source>stopped after {done} of {total}</source>
        <translation>已停止（{done}/{total}）</translation>
    </message>
    <message>
        <source>being undone</source>
        <translation>正在撤销</translation>
    </message>
    <message>
        <source>undone</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>The import is being undone…</source>
        <translation>正在撤销导入…</translation>
    </message>
    <message>
        <source>Import a file</source>
        <translation>导入文件</translation>
    </message>
    <message>
        <source>Tables (*.xlsx *.xls *.xlsb *.ods *.csv *.tsv *.txt *.gz)</source>
        <translation>表格 (*.xlsx *.xls *.xlsb *.ods *.csv *.tsv *.txt *.gz)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Copy the rows with their headings in Excel first, then press Ctrl+V here</source>
        <translation>请先在 Excel 中复制数据行（含表头），再在此按 Ctrl+V</translation>
    </message>
    <message>
        <source>That is too much to paste. Save it as a file and import that</source>
        <translation>内容过多，无法粘贴。请存为文件后导入</translation>
    </message>
    <message>
        <source>Pasted rows</source>
        <translation>粘贴的行</translation>
    </message>
    <message>
        <source>Reading {name}…</source>
        <translation>正在读取 {name}…</translation>
    </message>
    <message>
        <source>Importing…</source>
        <translation>正在导入…</translation>
    </message>
    <message>
        <source>Stopped: {n} new and {changed} changed records are kept; see Imports to undo</source>
        <translation>已停止：保留新增 {n} 条、更新 {changed} 条；可在“导入”中撤销</translation>
    </message>
    <message>
        <source>Imported: {n} new and {changed} changed records; {refused} left out</source>
        <translation>已导入：新增 {n} 条，更新 {changed} 条；略去 {refused} 条</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Choose a table of customers, people or products (xlsx, xls, csv, ods), drop it here, or paste rows from Excel with Ctrl+V.</source>
        <translation>选择客户、人员或产品表格（xlsx、xls、csv、ods），拖到此处，或用 Ctrl+V 粘贴从 Excel 复制的行。</translation>
    </message>
    <message>
        <source>{n} taken back; kept, because edited or used since: {kept}</source>
        <translation>已撤回 {n} 条；因已修改或已使用而保留：{kept} 条</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>{name}, errors</source>
        <translation>{name}（错误行）</translation>
    </message>
</context>
<context>
    <name>KeyPage</name>
    <message>
        <source>Replacing the key of your data</source>
        <translation>正在更换数据密钥</translation>
    </message>
    <message>
        <source>Your data is copied under a new key and checked, then KAMDesk opens it again. If anything interrupts it, your data stays as it is.</source>
        <translation>您的数据将用新密钥复制一份并校验，然后由 KAMDesk 重新打开。无论在哪一步中断，您的数据都保持原样。</translation>
    </message>
    <message>
        <source>How much is copied</source>
        <translation>复制进度</translation>
    </message>
    <message>
        <source>Copying…</source>
        <translation>正在复制…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Checking the copy, then opening it…</source>
        <translation>正在校验副本，随后打开…</translation>
    </message>
    <message>
        <source>Stopping; your data opens with the key until now…</source>
        <translation>正在停止；您的数据将用原来的密钥打开…</translation>
    </message>
    <message>
        <source>The key was not replaced</source>
        <translation>密钥未更换</translation>
    </message>
    <message>
        <source>Your data is as it was, under the key until now.</source>
        <translation>您的数据保持原样，仍使用原来的密钥。</translation>
    </message>
    <message>
        <source>Open your data</source>
        <translation>打开您的数据</translation>
    </message>
</context>
<context>
    <name>KeysCard</name>
    <message>
        <source>Use the key store again</source>
        <translation>重新使用密钥库</translation>
    </message>
    <message>
        <source>Replace the price key…</source>
        <translation>更换价格密钥…</translation>
    </message>
    <message>
        <source>Ask at every start…</source>
        <translation>每次启动都要求…</translation>
    </message>
    <message>
        <source>Replace the key of the data…</source>
        <translation>更换数据密钥…</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Change the passphrase…</source>
        <translation>更改口令短语…</translation>
    </message>
    <message>
        <source>Set an emergency passphrase…</source>
        <translation>设置应急口令短语…</translation>
    </message>
    <message>
        <source>Let the key store open it</source>
        <translation>改由密钥库打开</translation>
    </message>
    <message>
        <source>The price key is replaced once a year by itself.</source>
        <translation>价格密钥每年自动更换一次。</translation>
    </message>
    <message>
        <source>The price key is of {day}; it is replaced once a year by itself.</source>
        <translation>价格密钥启用于{day}，每年自动更换一次。</translation>
    </message>
    <message>
        <source>Show prices to replace it now.</source>
        <translation>如需现在更换，请先显示价格。</translation>
    </message>
    <message>
        <source>The key store of this computer did not open your data; the emergency passphrase did. Without a key store it is asked for at every start.</source>
        <translation>本机密钥库未能打开您的数据，是用应急口令短语打开的。密钥库恢复之前，每次启动都会要求输入口令短语。</translation>
    </message>
    <message>
        <source>The key store of this computer opens your data. Should it fail, the emergency passphrase does.</source>
        <translation>您的数据由本机密钥库打开;密钥库失效时可用应急口令短语打开。</translation>
    </message>
    <message>
        <source>Only the key store of this computer opens your data. Set a passphrase for the day when it fails: work that was not sent would be lost with it.</source>
        <translation>目前只有本机密钥库能打开您的数据。请设置应急口令短语以防密钥库失效：否则尚未发送的工作会随之丢失。</translation>
    </message>
    <message>
        <source>The disk of this computer is encrypted by its system. Head office is told so.</source>
        <translation>本机磁盘已由操作系统加密。总部会得知这一情况。</translation>
    </message>
    <message>
        <source>The disk of this computer is not encrypted by its system. Your data is, but what the system swaps out to the disk, or keeps there while the computer sleeps, may hold prices. Ask for BitLocker, FileVault or LUKS. Head office is told so.</source>
        <translation>本机磁盘未由操作系统加密。您的数据已加密，但系统换出到磁盘的内容，或电脑休眠时保存的内容，可能含有价格。请申请启用 BitLocker、FileVault 或 LUKS。总部会得知这一情况。</translation>
    </message>
    <message>
        <source>The system does not tell whether the disk of this computer is encrypted.</source>
        <translation>操作系统没有说明本机磁盘是否已加密。</translation>
    </message>
    <message>
        <source>The key of your data is of {day}.</source>
        <translation>数据密钥的生成日期为 {day}。</translation>
    </message>
    <message>
        <source>1 backup is not under it yet; the key until then is deleted when it is.</source>
        <translation>还有 1 个备份尚未改用新密钥；改完后，旧密钥即被删除。</translation>
    </message>
    <message>
        <source>{n} backups are not under it yet; the key until then is deleted when they are.</source>
        <translation>还有 {n} 个备份尚未改用新密钥；全部改完后，旧密钥即被删除。</translation>
    </message>
    <message>
        <source>It is replaced when you close KAMDesk.</source>
        <translation>关闭 KAMDesk 时将更换该密钥。</translation>
    </message>
    <message>
        <source>Replace the key of the data</source>
        <translation>更换数据密钥</translation>
    </message>
    <message>
        <source>For when somebody may have had this computer, its files or your passphrase. KAMDesk closes your data, copies it under a new key and opens it again. The old key is deleted as soon as the backups here are under the new one; copies of them that you keep elsewhere cannot be opened any more. The passphrase stays the same.</source>
        <translation>适用于他人可能接触过这台电脑、其中的文件或您的口令短语的情况。KAMDesk 会关闭您的数据，用新密钥复制一份后重新打开。本机的备份全部改用新密钥后，旧密钥即被删除；您另存在别处的备份将再也无法打开。口令短语保持不变。</translation>
    </message>
    <message>
        <source>Emergency passphrase</source>
        <translation>应急口令短语</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>口令短语</translation>
    </message>
    <message>
        <source>Replace the key of the data too?</source>
        <translation>是否同时更换数据密钥？</translation>
    </message>
    <message>
        <source>The passphrase was changed. Whoever knows the old one and has a copy of your files from before could still open your data with it. A new key ends that: KAMDesk closes your data, copies it under the new key and opens it again.</source>
        <translation>口令短语已更改。知道旧口令短语并持有您以前文件副本的人，仍可能用它打开您的数据。更换密钥可杜绝这种情况：KAMDesk 会关闭您的数据，用新密钥复制一份后重新打开。</translation>
    </message>
    <message>
        <source>New passphrase</source>
        <translation>新口令短语</translation>
    </message>
    <message>
        <source>The same again</source>
        <translation>再输入一次</translation>
    </message>
    <message>
        <source>Passphrase until now</source>
        <translation>当前口令短语</translation>
    </message>
    <message>
        <source>Set the passphrase</source>
        <translation>设置口令短语</translation>
    </message>
    <message>
        <source>It opens your data on this computer and is kept nowhere; head office cannot tell it.</source>
        <translation>它用于打开本机上的数据，不保存在任何地方;总部也无法告知。</translation>
    </message>
    <message>
        <source>The passphrase was set</source>
        <translation>口令短语已设置</translation>
    </message>
    <message>
        <source>Replace the price key</source>
        <translation>更换价格密钥</translation>
    </message>
    <message>
        <source>Price passphrase</source>
        <translation>价格口令短语</translation>
    </message>
    <message>
        <source>Replace the key</source>
        <translation>更换密钥</translation>
    </message>
    <message>
        <source>Your data is opened with a passphrase, which KAMDesk asks for at every start. The key store of this computer can open it instead; the passphrase stays for an emergency.</source>
        <translation>您的数据用口令短语打开，KAMDesk 每次启动都会要求输入。也可以改由本机密钥库打开；口令短语则留作应急之用。</translation>
    </message>
    <message>
        <source>Ask for the passphrase at every start</source>
        <translation>每次启动都要求输入口令短语</translation>
    </message>
    <message>
        <source>Ask at every start</source>
        <translation>每次启动都要求</translation>
    </message>
    <message>
        <source>Only the passphrase opens your data from now on: whoever signs in to this computer as you does not. Without it, work that was not sent is lost.</source>
        <translation>从现在起只有口令短语能打开您的数据：以您的身份登录这台电脑的人无法打开。忘记口令短语，尚未发送的内容将丢失。</translation>
    </message>
    <message>
        <source>The passphrase is asked for from now on</source>
        <translation>从现在起将要求输入口令短语</translation>
    </message>
    <message>
        <source>The key store opens your data now</source>
        <translation>现在由密钥库打开您的数据</translation>
    </message>
    <message>
        <source>All prices on this computer are sealed anew; you can go on working. The old key is deleted when the last backup that needs it is gone. The passphrase stays the same.</source>
        <translation>本机上的所有价格将重新加密，期间您可以继续工作。等最后一个需要旧密钥的备份清除后，旧密钥即被删除。口令短语保持不变。</translation>
    </message>
    <message>
        <source>It goes on the next time that prices are shown.</source>
        <translation>下次显示价格时将继续进行。</translation>
    </message>
    <message>
        <source>{done} of {total} sealed anew</source>
        <translation>已重新加密 {done} / {total}</translation>
    </message>
    <message>
        <source>The price key was replaced</source>
        <translation>价格密钥已更换</translation>
    </message>
</context>
<context>
    <name>LineGrid</name>
    <message>
        <source>{n} rows pasted</source>
        <translation>已粘贴 {n} 行</translation>
    </message>
    <message>
        <source>1 row pasted</source>
        <translation>已粘贴 1 行</translation>
    </message>
    <message>
        <source>1 row pasted, its prices not: prices are locked</source>
        <translation>已粘贴 1 行，价格未粘贴：价格已锁定</translation>
    </message>
    <message>
        <source>{n} rows pasted, their prices not: prices are locked</source>
        <translation>已粘贴 {n} 行，价格未粘贴：价格已锁定</translation>
    </message>
</context>
<context>
    <name>LineTable</name>
    <message>
        <source>Sort by</source>
        <translation>排序方式</translation>
    </message>
</context>
<context>
    <name>LinesModel</name>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>Pack</source>
        <translation>包装</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Sort</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>Sorted while prices are shown</source>
        <translation>显示价格时可排序</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
</context>
<context>
    <name>ListCommands</name>
    <message>
        <source>There is no list here to export</source>
        <translation>此处没有可导出的列表</translation>
    </message>
    <message>
        <source>There is no list here to print</source>
        <translation>这里没有可打印的列表</translation>
    </message>
</context>
<context>
    <name>LostCard</name>
    <message>
        <source>{kind}: {count} went</source>
        <translation>{kind}：已移除 {count} 条</translation>
    </message>
    <message>
        <source>Head office was restored: these records went from here</source>
        <translation>总部已从备份恢复：以下记录已从本机移除</translation>
    </message>
    <message>
        <source>A backup from before was made and stays for a month: see Settings. The records may be nowhere else, so tell your administrator. What you saved yourself was handed in again.</source>
        <translation>移除前已做备份，保留一个月，见“设置”。这些记录可能别处都没有，请告知管理员。您自己保存的内容已重新提交。</translation>
    </message>
    <message>
        <source>Put aside</source>
        <translation>搁置</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Train mode is over</source>
        <translation>列车模式已结束</translation>
    </message>
    <message>
        <source>One moment: your data is being opened</source>
        <translation>请稍候，正在打开您的数据</translation>
    </message>
</context>
<context>
    <name>MaskCard</name>
    <message>
        <source>Shown while unlocked</source>
        <translation>解锁后显示</translation>
    </message>
    <message>
        <source>Dots until held</source>
        <translation>按住时才显示</translation>
    </message>
    <message>
        <source>Head office decided this for your role.</source>
        <translation>总部已为您的角色作出此设定。</translation>
    </message>
    <message>
        <source>Stay open when minimised</source>
        <translation>最小化时保持解锁</translation>
    </message>
    <message>
        <source>Lock when minimised</source>
        <translation>最小化时锁定</translation>
    </message>
    <message>
        <source>They lock by themselves after five minutes without a key or the mouse, when the screen is locked and when the computer sleeps.</source>
        <translation>五分钟内没有按键或鼠标操作、屏幕锁定或电脑休眠时，价格会自动锁定。</translation>
    </message>
    <message>
        <source>Held with the mouse or the space bar, the prices of a line are shown, and each time is noted. A price is seen while it is typed.</source>
        <translation>用鼠标或空格键按住某一行时显示该行价格，每次都会留下记录。填写价格时可以看到所填内容。</translation>
    </message>
    <message>
        <source>Prices on the screen</source>
        <translation>屏幕上的价格</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Diagnostic bundle…</source>
        <translation>诊断包…</translation>
    </message>
    <message>
        <source>Record visit</source>
        <translation>记录拜访</translation>
    </message>
    <message>
        <source>Plan visit</source>
        <translation>计划拜访</translation>
    </message>
    <message>
        <source>New promotion request</source>
        <translation>新建推广申请</translation>
    </message>
    <message>
        <source>New contract</source>
        <translation>新建合同</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>Lock prices</source>
        <translation>锁定价格</translation>
    </message>
    <message>
        <source>Reconcile now</source>
        <translation>立即同步</translation>
    </message>
    <message>
        <source>Export this list…</source>
        <translation>导出此列表…</translation>
    </message>
    <message>
        <source>Print this list…</source>
        <translation>打印此列表…</translation>
    </message>
    <message>
        <source>Import a file…</source>
        <translation>导入文件…</translation>
    </message>
    <message>
        <source>Sign out…</source>
        <translation>退出登录…</translation>
    </message>
    <message>
        <source>Close KAMDesk</source>
        <translation>关闭 KAMDesk</translation>
    </message>
    <message>
        <source>Search in this screen</source>
        <translation>在本页搜索</translation>
    </message>
    <message>
        <source>Sort this list…</source>
        <translation>排序此列表…</translation>
    </message>
    <message>
        <source>Find anything</source>
        <translation>查找任何内容</translation>
    </message>
    <message>
        <source>Train mode</source>
        <translation>列车模式（防窥）</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>Theme as the system</source>
        <translation>主题跟随系统</translation>
    </message>
    <message>
        <source>Language as the system</source>
        <translation>语言跟随系统</translation>
    </message>
</context>
<context>
    <name>MissedCard</name>
    <message>
        <source>e.g. in surgery all morning</source>
        <translation>如：整个上午都在手术</translation>
    </message>
    <message>
        <source>Why you could not see them</source>
        <translation>没有见到的原因</translation>
    </message>
    <message>
        <source>Could not see them</source>
        <translation>没有见到</translation>
    </message>
    <message>
        <source>Try again on</source>
        <translation>改期到</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
    <message>
        <source>Note it and plan anew</source>
        <translation>记下并重新计划</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
</context>
<context>
    <name>Opening</name>
    <message>
        <source>{name} is fetched as soon as head office can be reached.</source>
        <translation>一连上总部就取回 {name}。</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
    <message>
        <source>Another program needs a copy of {name} that is not encrypted.</source>
        <translation>其他程序需要一份未加密的 {name} 副本。</translation>
    </message>
    <message>
        <source>The copy is in a private folder and can only be read. It is removed when KAMDesk closes, at the latest when it starts again.</source>
        <translation>副本放在私有文件夹中，只能读取。KAMDesk 关闭时删除，最迟在下次启动时删除。</translation>
    </message>
    <message>
        <source>Open a copy</source>
        <translation>打开副本</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>This computer has no program for {name}. Save it where you want it.</source>
        <translation>本机没有能打开 {name} 的程序。请另存到您需要的位置。</translation>
    </message>
    <message>
        <source>Save a copy</source>
        <translation>另存副本</translation>
    </message>
    <message>
        <source>{name} is saved, not encrypted</source>
        <translation>{name} 已保存，未加密</translation>
    </message>
</context>
<context>
    <name>PeriodFilter</name>
    <message>
        <source>Period</source>
        <translation>期间</translation>
    </message>
</context>
<context>
    <name>PersonCard</name>
    <message>
        <source>e.g. Cardiology</source>
        <translation>如：心内科</translation>
    </message>
    <message>
        <source>e.g. Chief physician</source>
        <translation>如：主任医师</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>A person who is not known yet</source>
        <translation>尚未登记的人员</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>科室</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>职务</translation>
    </message>
    <message>
        <source>Add person</source>
        <translation>添加人员</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
    <message>
        <source>Enter the name.</source>
        <translation>请输入姓名。</translation>
    </message>
</context>
<context>
    <name>PictureDialog</name>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit in</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>PreviewPage</name>
    <message>
        <source>Tab</source>
        <translation>制表符</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>First rows</source>
        <translation>前几行</translation>
    </message>
    <message>
        <source>Errors {n}</source>
        <translation>错误 {n}</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Delimiter</source>
        <translation>分隔符</translation>
    </message>
    <message>
        <source>Header row</source>
        <translation>标题行</translation>
    </message>
    <message>
        <source>Known already</source>
        <translation>已有记录</translation>
    </message>
    <message>
        <source>Twice in the file</source>
        <translation>文件内重复</translation>
    </message>
    <message>
        <source>leave out</source>
        <translation>略去</translation>
    </message>
    <message>
        <source>update them</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>create anyway</source>
        <translation>仍然新建</translation>
    </message>
    <message>
        <source>{rows} rows give {records} records</source>
        <translation>{rows} 行，得到 {records} 条记录</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>{n} known already:</source>
        <translation>{n} 条已有：</translation>
    </message>
    <message>
        <source>{n} twice:</source>
        <translation>{n} 条重复：</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Your role does not work with people, so it brings in none.</source>
        <translation>您的岗位不管理人员信息，不能导入人员。</translation>
    </message>
    <message>
        <source>Your role has no territory, so it brings in no customers.</source>
        <translation>您的岗位没有辖区，不能导入客户。</translation>
    </message>
    <message>
        <source>Your role brings in no products. Send this file to your manager or to head office.</source>
        <translation>您的角色不能导入产品。请将此文件发给您的经理或总部。</translation>
    </message>
    <message>
        <source>Column</source>
        <translation>列</translation>
    </message>
    <message>
        <source>First value</source>
        <translation>首个值</translation>
    </message>
    <message>
        <source>Becomes</source>
        <translation>对应字段</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>不导入</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Save these rows as a file…</source>
        <translation>将这些行另存为文件…</translation>
    </message>
    <message>
        <source>Duplicates {n}</source>
        <translation>重复 {n}</translation>
    </message>
    <message>
        <source>Sheet</source>
        <translation>工作表</translation>
    </message>
</context>
<context>
    <name>PriceChoice</name>
    <message>
        <source>Sealed, it is read only by those who may see prices, while they are shown, and it is not searched.</source>
        <translation>封存后，只有有权查看价格的人在显示价格时才能读到，也不会被搜索。</translation>
    </message>
    <message>
        <source>Change the text</source>
        <translation>修改文字</translation>
    </message>
    <message>
        <source>Keep it as it is, on record</source>
        <translation>照原样保留，并留下记录</translation>
    </message>
    <message>
        <source>Leave the price out</source>
        <translation>去掉价格</translation>
    </message>
    <message>
        <source>Seal with the prices</source>
        <translation>与价格一同封存</translation>
    </message>
    <message>
        <source>Prices belong in a contract, where they are sealed.</source>
        <translation>价格应填写在合同中，那里会加密封存。</translation>
    </message>
</context>
<context>
    <name>PriceExportDialog</name>
    <message>
        <source>The contract with its prices is in {name}</source>
        <translation>含价格的合同已导出到 {name}</translation>
    </message>
    <message>
        <source>Prices were locked: nothing was exported</source>
        <translation>价格已锁定，未导出任何内容</translation>
    </message>
</context>
<context>
    <name>PriceQuestion</name>
    <message>
        <source>“{price}” looks like a price. Everybody who sees this record can read it, and it is searched.</source>
        <translation>“{price}”看起来像价格。能看到这条记录的人都能读到它，也会被搜索。</translation>
    </message>
</context>
<context>
    <name>PrintContract</name>
    <message>
        <source>The contract, without prices, is in {name}</source>
        <translation>合同（不含价格）已保存在 {name}</translation>
    </message>
    <message>
        <source>The contract was printed, without prices</source>
        <translation>合同已打印（不含价格）</translation>
    </message>
</context>
<context>
    <name>PrintList</name>
    <message>
        <source>Printed, pages: {n}</source>
        <translation>已打印，共 {n} 页</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>打印</translation>
    </message>
    <message>
        <source>Printing…</source>
        <translation>正在打印…</translation>
    </message>
    <message>
        <source>Printing was cancelled</source>
        <translation>打印已取消</translation>
    </message>
</context>
<context>
    <name>PrintPrices</name>
    <message>
        <source>Prices were locked: nothing was printed</source>
        <translation>价格已锁定：未打印任何内容</translation>
    </message>
    <message>
        <source>The contract with its prices is in {name}</source>
        <translation>合同（含价格）已保存在 {name}</translation>
    </message>
    <message>
        <source>The contract was printed with its prices; the printer&apos;s queue may keep a copy</source>
        <translation>合同已连同价格打印；打印队列中可能留有副本</translation>
    </message>
</context>
<context>
    <name>Printing</name>
    <message>
        <source>Save as PDF</source>
        <translation>保存为 PDF</translation>
    </message>
    <message>
        <source>PDF document (*.pdf)</source>
        <translation>PDF 文档 (*.pdf)</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>打印</translation>
    </message>
    <message>
        <source>This computer has no printer.</source>
        <translation>这台电脑没有打印机。</translation>
    </message>
    <message>
        <source>The pages can be saved as a PDF file, to be printed elsewhere.</source>
        <translation>可以把这些页面保存为 PDF 文件，在其他地方打印。</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>保存为 PDF…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>PromotionForm</name>
    <message>
        <source>Promotion request</source>
        <translation>推广申请</translation>
    </message>
    <message>
        <source>Name, pinyin, initials or city</source>
        <translation>名称、拼音、首字母或城市</translation>
    </message>
    <message>
        <source>Name, code or ATC code</source>
        <translation>名称、代码或 ATC 代码</translation>
    </message>
    <message>
        <source>e.g. lecture hall of the hospital</source>
        <translation>例如：医院报告厅</translation>
    </message>
    <message>
        <source>e.g. 25 cardiologists</source>
        <translation>例如：心内科医生二十五位</translation>
    </message>
    <message>
        <source>What it is to achieve, and how one will know</source>
        <translation>要达到什么目的，如何衡量</translation>
    </message>
    <message>
        <source>as the institution numbered it</source>
        <translation>机构给出的编号</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Estimated amount</source>
        <translation>预计金额</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>受众</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Registration of the visit</source>
        <translation>拜访登记号</translation>
    </message>
    <message>
        <source>Keep as draft</source>
        <translation>保存为草稿</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Submit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Returned by {name}: {reason}</source>
        <translation>{name} 退回：{reason}</translation>
    </message>
</context>
<context>
    <name>Promotions</name>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Drafts</source>
        <translation>草稿</translation>
    </message>
    <message>
        <source>Submitted</source>
        <translation>已提交</translation>
    </message>
    <message>
        <source>Returned</source>
        <translation>已退回</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>To decide</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>预计</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>By</source>
        <translation>申请人</translation>
    </message>
    <message>
        <source>Customer, product or words of the request</source>
        <translation>客户、产品或申请内容</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>推广活动</translation>
    </message>
    <message>
        <source>No request here</source>
        <translation>这里没有申请</translation>
    </message>
    <message>
        <source>Draft one with Ctrl+Shift+P; it is kept on this computer at once.</source>
        <translation>按 Ctrl+Shift+P 起草；会立即保存在本机。</translation>
    </message>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
    <message>
        <source>Registration of the visit</source>
        <translation>拜访登记号</translation>
    </message>
    <message>
        <source>{n}, together {sum}</source>
        <translation>{n} 项，合计 {sum}</translation>
    </message>
    <message>
        <source>Choose a request</source>
        <translation>请选择申请</translation>
    </message>
    <message>
        <source>What is asked for, what it may cost and the answer are shown here.</source>
        <translation>此处显示申请内容、预计费用和答复。</translation>
    </message>
    <message>
        <source>New request</source>
        <translation>新建申请</translation>
    </message>
    <message>
        <source>Estimated amount</source>
        <translation>预计金额</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>撤回</translation>
    </message>
    <message>
        <source>Call off</source>
        <translation>取消活动</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>受众</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>Answered by</source>
        <translation>答复人</translation>
    </message>
    <message>
        <source>Return the request</source>
        <translation>退回申请</translation>
    </message>
    <message>
        <source>What has to change?</source>
        <translation>需要修改什么？</translation>
    </message>
    <message>
        <source>Why is it called off?</source>
        <translation>为什么取消？</translation>
    </message>
</context>
<context>
    <name>ProveCard</name>
    <message>
        <source>Prove it</source>
        <translation>立即验证</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>How far the search is</source>
        <translation>检索进度</translation>
    </message>
    <message>
        <source>Looks for your real prices, in every form a number can be written in, and for the texts that are sealed with them, in all files that KAMDesk keeps on this computer.</source>
        <translation>在 KAMDesk 保存在本机的所有文件中，以数字可能的各种写法查找您的真实价格，并查找随价格一起加密的文字。</translation>
    </message>
    <message>
        <source>No price in the clear</source>
        <translation>价格无明文</translation>
    </message>
    <message>
        <source>{files} files, {size} MB, searched in {seconds} s for {prices} prices in {forms} forms.</source>
        <translation>已用 {seconds} 秒检索 {files} 个文件（{size} MB），查找 {prices} 个价格，共 {forms} 种形式。</translation>
    </message>
    <message>
        <source>1 sealed text was looked for too.</source>
        <translation>另查找了 1 段加密文字。</translation>
    </message>
    <message>
        <source>{n} sealed texts were looked for too.</source>
        <translation>另查找了 {n} 段加密文字。</translation>
    </message>
    <message>
        <source>Stopped before the end.</source>
        <translation>检索已中止。</translation>
    </message>
    <message>
        <source>There is no price on this computer to look for.</source>
        <translation>此电脑上没有可供检索的价格。</translation>
    </message>
    <message>
        <source>1 place holds a price in the clear. Tell your administrator.</source>
        <translation>有 1 处存在明文价格，请告知管理员。</translation>
    </message>
    <message>
        <source>{n} places hold a price in the clear. Tell your administrator.</source>
        <translation>有 {n} 处存在明文价格，请告知管理员。</translation>
    </message>
    <message>
        <source>No price was found in the clear.</source>
        <translation>未发现明文价格。</translation>
    </message>
    <message>
        <source>{name} is a copy that you opened; it is removed when KAMDesk closes.</source>
        <translation>{name} 是您打开的副本；KAMDesk 关闭时删除。</translation>
    </message>
    <message>
        <source>1 file could not be opened:</source>
        <translation>有 1 个文件无法打开：</translation>
    </message>
    <message>
        <source>{n} files could not be opened:</source>
        <translation>有 {n} 个文件无法打开：</translation>
    </message>
</context>
<context>
    <name>RecordAttachments</name>
    <message>
        <source>{name} was removed</source>
        <translation>已移除 {name}</translation>
    </message>
</context>
<context>
    <name>RecordTable</name>
    <message>
        <source>Sort by</source>
        <translation>排序方式</translation>
    </message>
    <message>
        <source>{column}, downwards</source>
        <translation>{column}（降序）</translation>
    </message>
    <message>
        <source>{column}, upwards</source>
        <translation>{column}（升序）</translation>
    </message>
    <message>
        <source>As it comes</source>
        <translation>默认顺序</translation>
    </message>
</context>
<context>
    <name>RecoveryPage</name>
    <message>
        <source>Looking for what is safe…</source>
        <translation>正在查找完好的数据…</translation>
    </message>
    <message>
        <source>Go back to a backup</source>
        <translation>恢复到某个备份</translation>
    </message>
    <message>
        <source>Your data needs your decision</source>
        <translation>您的数据需要您来决定如何处理</translation>
    </message>
    <message>
        <source>Backups on this computer</source>
        <translation>本机上的备份</translation>
    </message>
    <message>
        <source>Older backups</source>
        <translation>更早的备份</translation>
    </message>
    <message>
        <source>Fetch everything from head office again…</source>
        <translation>从总部重新获取全部数据…</translation>
    </message>
    <message>
        <source>Nothing is deleted: whatever you choose, the present files are kept in the folder “quarantine”.</source>
        <translation>不会删除任何内容：无论您如何选择，现有文件都会保留在“quarantine”文件夹中。</translation>
    </message>
    <message>
        <source>1 change that was not sent yet is safe and comes back with it.</source>
        <translation>1 项尚未发送的更改完好无损，会一并恢复。</translation>
    </message>
    <message>
        <source>{n} changes that were not sent yet are safe and come back with it.</source>
        <translation>{n} 项尚未发送的更改完好无损，会一并恢复。</translation>
    </message>
    <message>
        <source>1 half-typed form is safe too.</source>
        <translation>1 份未填完的表单也完好无损。</translation>
    </message>
    <message>
        <source>{n} half-typed forms are safe too.</source>
        <translation>{n} 份未填完的表单也完好无损。</translation>
    </message>
    <message>
        <source>Not sent yet</source>
        <translation>尚未发送</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>另有 {n} 项</translation>
    </message>
    <message>
        <source>{when} · {size} MB</source>
        <translation>{when} · {size} MB</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Restore the backup of {when}</source>
        <translation>恢复 {when} 的备份</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>显示文件夹</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <source>Restoring, with what was not sent yet…</source>
        <translation>正在恢复，并带回尚未发送的内容…</translation>
    </message>
    <message>
        <source>Choose a copy of your data</source>
        <translation>选择您的数据副本</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Stores of KAMDesk (*.kdb *.kdq)</source>
        <translation>KAMDesk 数据文件 (*.kdb *.kdq)</translation>
    </message>
    <message>
        <source>Fetch everything from head office again</source>
        <translation>从总部重新获取全部数据</translation>
    </message>
    <message>
        <source>Head office sends your customers, visits and tasks again. What was not sent yet is laid on top and sent.</source>
        <translation>总部会重新发送您的客户、拜访和任务。尚未发送的内容会叠加其上并发送。</translation>
    </message>
    <message>
        <source>Address of head office</source>
        <translation>总部地址</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>or enrolment code</source>
        <translation>或注册码</translation>
    </message>
    <message>
        <source>Fetch everything</source>
        <translation>获取全部数据</translation>
    </message>
    <message>
        <source>The key of your data is not available</source>
        <translation>无法取得您数据的密钥</translation>
    </message>
    <message>
        <source>Your data is here and stays encrypted. It opens again as soon as its key is back, for example after you unlock or restore the key store of this computer.</source>
        <translation>您的数据仍在本机并保持加密。密钥恢复后即可重新打开，例如在您解锁或恢复本机密钥库之后。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Set up this computer anew…</source>
        <translation>重新设置本机…</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>口令短语</translation>
    </message>
    <message>
        <source>Use the passphrase</source>
        <translation>使用口令短语</translation>
    </message>
    <message>
        <source>Opening your data…</source>
        <translation>正在打开您的数据…</translation>
    </message>
    <message>
        <source>Set up this computer anew?</source>
        <translation>重新设置本机？</translation>
    </message>
    <message>
        <source>Head office sends everything that it has. What was not sent from this computer stays encrypted in the folder “set-aside”, and can be read again only when its key is back.</source>
        <translation>总部会发送其拥有的全部数据。本机尚未发送的内容会加密保留在“set-aside”文件夹中，只有密钥恢复后才能再次读取。</translation>
    </message>
    <message>
        <source>Set aside and set up anew</source>
        <translation>移开并重新设置</translation>
    </message>
    <message>
        <source>Putting the files aside…</source>
        <translation>正在移开文件…</translation>
    </message>
</context>
<context>
    <name>RefusalCard</name>
    <message>
        <source>Not taken · {title}</source>
        <translation>未被接受 · {title}</translation>
    </message>
    <message>
        <source>What you typed stays here for 30 days.</source>
        <translation>您输入的内容在此保留 30 天。</translation>
    </message>
    <message>
        <source>Copy what I typed</source>
        <translation>复制我输入的内容</translation>
    </message>
    <message>
        <source>Put aside</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Restore with my change</source>
        <translation>恢复并保留我的修改</translation>
    </message>
</context>
<context>
    <name>RemovalPage</name>
    <message>
        <source>Looking for what was not sent…</source>
        <translation>正在查找尚未发送的内容…</translation>
    </message>
    <message>
        <source>This is not the passphrase.</source>
        <translation>口令短语不正确。</translation>
    </message>
    <message>
        <source>Remove this profile from this computer?</source>
        <translation>从这台电脑移除此用户的数据？</translation>
    </message>
    <message>
        <source>Its data, its backups and its keys are deleted here. What head office has stays there, and can be set up here again.</source>
        <translation>将删除这台电脑上的数据、备份和密钥。总部已有的内容保留在总部，可以在这里重新设置。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>I know that this work is lost</source>
        <translation>我知道这些工作内容将丢失</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Open it and send first</source>
        <translation>先打开并发送</translation>
    </message>
    <message>
        <source>Whether there is work that was never sent to head office can only be told with its key. If there is, it is lost for ever.</source>
        <translation>只有用密钥打开才能知道是否有从未发送到总部的工作内容。如果有，将永久丢失。</translation>
    </message>
    <message>
        <source>1 change was never sent to head office and is lost for ever.</source>
        <translation>有 1 项更改从未发送到总部，将永久丢失。</translation>
    </message>
    <message>
        <source>{n} changes were never sent to head office and are lost for ever.</source>
        <translation>有 {n} 项更改从未发送到总部，将永久丢失。</translation>
    </message>
    <message>
        <source>1 half-typed form is lost too.</source>
        <translation>另有 1 份未填完的表单也将丢失。</translation>
    </message>
    <message>
        <source>{n} half-typed forms are lost too.</source>
        <translation>另有 {n} 份未填完的表单也将丢失。</translation>
    </message>
    <message>
        <source>Head office has confirmed everything that is in it.</source>
        <translation>其中的全部内容均已由总部确认。</translation>
    </message>
    <message>
        <source>Passphrase, to see what was not sent</source>
        <translation>输入口令短语以查看尚未发送的内容</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Removing the profile…</source>
        <translation>正在移除…</translation>
    </message>
</context>
<context>
    <name>RevealCard</name>
    <message>
        <source>Show all…</source>
        <translation>全部显示…</translation>
    </message>
    <message>
        <source>Every look at prices is noted on this computer, encrypted and without the price. What is copied, exported or printed with prices is told to head office as well.</source>
        <translation>每次查看价格都会加密记录在这台电脑上，但不记录价格本身。连同价格复制、导出或打印的内容也会告知总部。</translation>
    </message>
    <message>
        <source>Who looked at prices</source>
        <translation>谁看过价格</translation>
    </message>
    <message>
        <source>Nobody has looked at prices yet.</source>
        <translation>还没有人看过价格。</translation>
    </message>
</context>
<context>
    <name>RevealDialog</name>
    <message>
        <source>Who looked at prices</source>
        <translation>谁看过价格</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>谁</translation>
    </message>
    <message>
        <source>What</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Contract</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Not shown</source>
        <translation>不显示</translation>
    </message>
    <message>
        <source>Shown</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Open prices in shared screens and screenshots</source>
        <translation>共享屏幕和截图中的已显示价格</translation>
    </message>
    <message>
        <source>User</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Territory</source>
        <translation>辖区</translation>
    </message>
    <message>
        <source>Company</source>
        <translation>公司</translation>
    </message>
    <message>
        <source>Head office</source>
        <translation>总部</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Change the password…</source>
        <translation>更改密码…</translation>
    </message>
    <message>
        <source>Password that holds now</source>
        <translation>当前密码</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>新密码</translation>
    </message>
    <message>
        <source>New password again</source>
        <translation>再次输入新密码</translation>
    </message>
    <message>
        <source>Change the password of head office</source>
        <translation>更改总部登录密码</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>You sign in with it on another computer. This one stays signed in.</source>
        <translation>在其他电脑上登录时使用该密码。本机保持登录。</translation>
    </message>
    <message>
        <source>The password was changed at head office</source>
        <translation>已在总部更改密码</translation>
    </message>
    <message>
        <source>Filing as a medical representative</source>
        <translation>医药代表备案号</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>重新登录</translation>
    </message>
    <message>
        <source>Who works here</source>
        <translation>使用者</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>or enrolment code</source>
        <translation>或注册码</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>until {day}</source>
        <translation>有效期至 {day}</translation>
    </message>
</context>
<context>
    <name>SettledCard</name>
    <message>
        <source>kept mine</source>
        <translation>保留了我的</translation>
    </message>
    <message>
        <source>kept head office&apos;s</source>
        <translation>保留了总部的</translation>
    </message>
    <message>
        <source>kept some of both</source>
        <translation>两边各保留了一部分</translation>
    </message>
    <message>
        <source>edited since</source>
        <translation>之后已另行修改</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>已恢复</translation>
    </message>
    <message>
        <source>put aside</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>settled on another computer</source>
        <translation>已在另一台电脑上处理</translation>
    </message>
    <message>
        <source>kept here; ask head office</source>
        <translation>已在本机保留，请询问总部</translation>
    </message>
    <message>
        <source>deletions taken over</source>
        <translation>已接受删除</translation>
    </message>
    <message>
        <source>head office has the records again</source>
        <translation>总部已恢复这些记录</translation>
    </message>
    <message>
        <source>Settled</source>
        <translation>已处理</translation>
    </message>
    <message>
        <source>Show more of the last {n} days</source>
        <translation>显示最近 {n} 天内的更多条目</translation>
    </message>
    <message>
        <source>Take up again</source>
        <translation>重新处理</translation>
    </message>
</context>
<context>
    <name>SmallForm</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
</context>
<context>
    <name>Strip</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>{n} changes waiting to be sent</source>
        <translation>{n} 项更改等待发送</translation>
    </message>
    <message>
        <source>1 change waiting to be sent</source>
        <translation>1 项更改等待发送</translation>
    </message>
    <message>
        <source>Loading your territory: {n} of {count}</source>
        <translation>正在载入您的辖区：{n} / {count}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>{n} need you</source>
        <translation>{n} 项需要您处理</translation>
    </message>
    <message>
        <source>1 needs you</source>
        <translation>1 项需要您处理</translation>
    </message>
    <message>
        <source>Last reconciled {time}</source>
        <translation>上次同步 {time}</translation>
    </message>
    <message>
        <source>Not yet reconciled</source>
        <translation>尚未同步</translation>
    </message>
    <message>
        <source>Online: reconciling</source>
        <translation>在线：正在同步</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>Paused: working from this computer</source>
        <translation>已暂停：使用本机数据工作</translation>
    </message>
    <message>
        <source>Looking for head office</source>
        <translation>正在寻找总部</translation>
    </message>
    <message>
        <source>Offline: working from this computer</source>
        <translation>离线：使用本机数据工作</translation>
    </message>
    <message>
        <source>Prices open</source>
        <translation>价格已显示</translation>
    </message>
    <message>
        <source>Prices locked</source>
        <translation>价格已锁定</translation>
    </message>
    <message>
        <source>Lock prices (Ctrl+L)</source>
        <translation>锁定价格 (Ctrl+L)</translation>
    </message>
    <message>
        <source>Show prices (Ctrl+Shift+L)</source>
        <translation>显示价格 (Ctrl+Shift+L)</translation>
    </message>
</context>
<context>
    <name>SyncPage</name>
    <message>
        <source>Reconcile now</source>
        <translation>立即同步</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>{n} waiting</source>
        <translation>{n} 项等待</translation>
    </message>
    <message>
        <source>Show more of these {n}</source>
        <translation>显示这 {n} 项中的更多</translation>
    </message>
    <message>
        <source>Nothing needs you</source>
        <translation>没有需要您处理的内容</translation>
    </message>
    <message>
        <source>What two people change differently is shown here, with both values.</source>
        <translation>两个人改得不一样的内容会显示在这里，并列出两个值。</translation>
    </message>
    <message>
        <source>{n} of {count}</source>
        <translation>第 {n} 项，共 {count} 项</translation>
    </message>
    <message>
        <source>{n} of {count} · the rest of your changes went through</source>
        <translation>第 {n} 项，共 {count} 项 · 其余更改已送达</translation>
    </message>
    <message>
        <source>It tells a price: copied, and the clipboard is emptied in 10 seconds</source>
        <translation>其中含有价格：已复制，剪贴板将在 10 秒后清空</translation>
    </message>
    <message>
        <source>{n} conflicts</source>
        <translation>{n} 处冲突</translation>
    </message>
    <message>
        <source>Keep mine for all</source>
        <translation>全部保留我的</translation>
    </message>
    <message>
        <source>Keep head office&apos;s for all</source>
        <translation>全部保留总部的</translation>
    </message>
    <message>
        <source>{n} settled</source>
        <translation>已处理 {n} 条</translation>
    </message>
    <message>
        <source>{n} changed meanwhile or need a look of their own</source>
        <translation>{n} 条期间有变化或需单独查看</translation>
    </message>
    <message>
        <source>What you save without a connection waits here and is sent by itself.</source>
        <translation>没有网络时保存的内容在此等待，并会自动发送。</translation>
    </message>
    <message>
        <source>Waiting to be sent</source>
        <translation>等待发送</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>另有 {n} 项</translation>
    </message>
    <message>
        <source>It changed meanwhile. The card shows what stands now; choose again.</source>
        <translation>期间内容又有变化。卡片已显示当前的值，请重新选择。</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
    <message>
        <source>Nothing waits to be sent</source>
        <translation>没有待发送的内容</translation>
    </message>
</context>
<context>
    <name>TaskList</name>
    <message>
        <source>What is to be done?</source>
        <translation>要做什么？</translation>
    </message>
    <message>
        <source>New task</source>
        <translation>新任务</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Reconciled</source>
        <translation>同步</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>未完成</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>A week later</source>
        <translation>推迟一周</translation>
    </message>
    <message>
        <source>Give up</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Open again</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>Nothing to do</source>
        <translation>没有要做的事</translation>
    </message>
    <message>
        <source>The next step of every visit becomes a task here.</source>
        <translation>每次拜访的下一步都会成为这里的任务。</translation>
    </message>
    <message>
        <source>Add task</source>
        <translation>添加任务</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
    <message>
        <source>Task done</source>
        <translation>任务已完成</translation>
    </message>
    <message>
        <source>Task given up</source>
        <translation>任务已放弃</translation>
    </message>
    <message>
        <source>Task open again</source>
        <translation>任务已重新打开</translation>
    </message>
    <message>
        <source>Task postponed to {day}</source>
        <translation>任务推迟到 {day}</translation>
    </message>
</context>
<context>
    <name>TeamFilter</name>
    <message>
        <source>Whose</source>
        <translation>负责人</translation>
    </message>
    <message>
        <source>Everyone</source>
        <translation>所有人</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>我的</translation>
    </message>
</context>
<context>
    <name>TeamList</name>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
</context>
<context>
    <name>TeamPage</name>
    <message>
        <source>Team</source>
        <translation>团队</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>推广活动</translation>
    </message>
    <message>
        <source>Nobody here yet</source>
        <translation>这里还没有人</translation>
    </message>
    <message>
        <source>As soon as the visits of your team arrive, everybody has a line here.</source>
        <translation>团队的拜访同步到本机后，每个人在这里各占一行。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Customers</source>
        <translation>拜访客户</translation>
    </message>
    <message>
        <source>Overdue steps</source>
        <translation>逾期跟进</translation>
    </message>
    <message>
        <source>Together: visits {visits} · to decide {open} · approved {approved}</source>
        <translation>合计：拜访 {visits} 次 · 待审批 {open} · 已批准 {approved}</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>已计划</translation>
    </message>
    <message>
        <source>Last visit</source>
        <translation>上次拜访</translation>
    </message>
    <message>
        <source>To decide</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>已批准</translation>
    </message>
</context>
<context>
    <name>TextGuard</name>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Stop waiting</source>
        <translation>不再等待</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Enter opens it, Ctrl+S saves a copy, Del removes it</source>
        <translation>回车打开，Ctrl+S 另存副本，Del 移除</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>attached by {name}</source>
        <translation>由 {name} 添加</translation>
    </message>
</context>
<context>
    <name>TodayPage</name>
    <message>
        <source>Left half-typed</source>
        <translation>未填完的表单</translation>
    </message>
    <message>
        <source>Requests to decide</source>
        <translation>待审批的申请</translation>
    </message>
    <message>
        <source>Returned to you</source>
        <translation>退回给您的申请</translation>
    </message>
    <message>
        <source>Visits today</source>
        <translation>今天的拜访</translation>
    </message>
    <message>
        <source>Nothing is planned for today. Plan a visit with Ctrl+N.</source>
        <translation>今天没有计划。按 Ctrl+N 计划拜访。</translation>
    </message>
    <message>
        <source>Coming days</source>
        <translation>接下来几天</translation>
    </message>
    <message>
        <source>Reported today</source>
        <translation>今天已报告</translation>
    </message>
    <message>
        <source>Tasks due</source>
        <translation>到期任务</translation>
    </message>
    <message>
        <source>No task is due.</source>
        <translation>没有到期的任务。</translation>
    </message>
    <message>
        <source>Your customers are on their way</source>
        <translation>您的客户正在载入</translation>
    </message>
    <message>
        <source>The first load brings your territory; you can work meanwhile.</source>
        <translation>首次载入会带来您的辖区；其间您可以照常工作。</translation>
    </message>
    <message>
        <source>Not seen for too long</source>
        <translation>太久未拜访</translation>
    </message>
    <message>
        <source>Everybody was seen in time.</source>
        <translation>都已按时拜访。</translation>
    </message>
    <message>
        <source>1 of your changes needs you: head office did not take it as it was.</source>
        <translation>您有 1 项更改需要处理：总部没有原样接受。</translation>
    </message>
    <message>
        <source>{n} of your changes need you: head office did not take them as they were.</source>
        <translation>您有 {n} 项更改需要处理：总部没有原样接受。</translation>
    </message>
    <message>
        <source>A colleague replaced a value of yours; you can have it back.</source>
        <translation>有同事替换了您的一个值，您可以把它恢复。</translation>
    </message>
    <message>
        <source>Colleagues replaced {n} of your values; you can have them back.</source>
        <translation>同事替换了您的 {n} 个值，您可以把它们恢复。</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>填写报告</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>last seen {day}</source>
        <translation>上次见面 {day}</translation>
    </message>
    <message>
        <source>never seen</source>
        <translation>从未拜访</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>计划</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Promotion request</source>
        <translation>推广申请</translation>
    </message>
    <message>
        <source>kept {time}</source>
        <translation>保存于 {time}</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Task done</source>
        <translation>任务已完成</translation>
    </message>
    <message>
        <source>Contract</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Show all {n}</source>
        <translation>显示全部 {n} 条</translation>
    </message>
</context>
<context>
    <name>VisitForm</name>
    <message>
        <source>Amend visit</source>
        <translation>修订拜访</translation>
    </message>
    <message>
        <source>Record visit</source>
        <translation>记录拜访</translation>
    </message>
    <message>
        <source>Plan for later</source>
        <translation>以后再去（计划）</translation>
    </message>
    <message>
        <source>Name, pinyin, initials or city</source>
        <translation>名称、拼音、首字母或城市</translation>
    </message>
    <message>
        <source>Time, e.g. 10:30</source>
        <translation>时间，如 10:30</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Type a name</source>
        <translation>输入姓名</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>移除 {name}</translation>
    </message>
    <message>
        <source>New person: {name}</source>
        <translation>新人员：{name}</translation>
    </message>
    <message>
        <source>Type a product</source>
        <translation>输入产品</translation>
    </message>
    <message>
        <source>What the visit is for</source>
        <translation>这次拜访的目的</translation>
    </message>
    <message>
        <source>What came of it</source>
        <translation>结果如何</translation>
    </message>
    <message>
        <source>What you do next</source>
        <translation>您接下来做什么</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Met</source>
        <translation>见到的人</translation>
    </message>
    <message>
        <source>Products discussed</source>
        <translation>讨论的产品</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Next step due</source>
        <translation>下一步期限</translation>
    </message>
    <message>
        <source>becomes a task for you</source>
        <translation>会成为您的任务</translation>
    </message>
    <message>
        <source>Why it is amended</source>
        <translation>修订原因</translation>
    </message>
    <message>
        <source>Could not see them</source>
        <translation>没有见到</translation>
    </message>
    <message>
        <source>Copy from last visit</source>
        <translation>复制上次拜访</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Save visit</source>
        <translation>保存拜访</translation>
    </message>
    <message>
        <source>Plan visit</source>
        <translation>计划拜访</translation>
    </message>
    <message>
        <source>Choose the customer first.</source>
        <translation>请先选择客户。</translation>
    </message>
    <message>
        <source>You have not yet visited this customer.</source>
        <translation>您还没有拜访过该客户。</translation>
    </message>
</context>
<context>
    <name>Visits</name>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>已计划</translation>
    </message>
    <message>
        <source>Reported</source>
        <translation>已报告</translation>
    </message>
    <message>
        <source>Missed</source>
        <translation>未见到</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>By</source>
        <translation>记录人</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>No visit here</source>
        <translation>这里没有拜访</translation>
    </message>
    <message>
        <source>Record one with Ctrl+N; it is kept on this computer at once.</source>
        <translation>按 Ctrl+N 记录拜访；会立即保存在本机。</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>{n}, {reported} reported</source>
        <translation>{n} 次，已报告 {reported} 次</translation>
    </message>
    <message>
        <source>Choose a visit</source>
        <translation>请选择拜访</translation>
    </message>
    <message>
        <source>What was agreed, who was met and every earlier version are shown here.</source>
        <translation>此处显示达成的内容、见到的人和所有早先版本。</translation>
    </message>
    <message>
        <source>Reported late</source>
        <translation>迟报</translation>
    </message>
    <message>
        <source>Version {n}</source>
        <translation>第 {n} 版</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>填写报告</translation>
    </message>
    <message>
        <source>Could not see them</source>
        <translation>没有见到</translation>
    </message>
    <message>
        <source>Call off</source>
        <translation>取消拜访</translation>
    </message>
    <message>
        <source>Submit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Amend</source>
        <translation>修订</translation>
    </message>
    <message>
        <source>Copy to a new visit</source>
        <translation>复制为新拜访</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>Met</source>
        <translation>见到的人</translation>
    </message>
    <message>
        <source>Products discussed</source>
        <translation>讨论的产品</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Version {n}, recorded {at}</source>
        <translation>第 {n} 版，记录于 {at}</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
    <message>
        <source>Why is the visit called off?</source>
        <translation>为什么取消这次拜访？</translation>
    </message>
</context>
<context>
    <name>_Cell</name>
    <message>
        <source>Name, code or ATC code</source>
        <translation>名称、代码或 ATC 代码</translation>
    </message>
</context>
<context>
    <name>_Saving</name>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
</context>
<context>
    <name>app</name>
    <message>
        <source>KAMDesk ended unexpectedly several times. Reconciling is paused; your work is safe on this computer. Press Resume at the bottom to go on; the Help menu has a diagnostic bundle.</source>
        <translation>KAMDesk 已多次意外退出。同步已暂停；您的工作在本机安全无损。按底部的“继续”可恢复同步；“帮助”菜单中有诊断包。</translation>
    </message>
    <message>
        <source>Your data is being brought to the form of this version of KAMDesk, which takes a moment. It is a copy that is changed: what you have stays as it is until the copy is checked.</source>
        <translation>正在把您的数据转换为此版本 KAMDesk 的格式，需要片刻。转换的是一份副本：在副本通过检查之前，您现有的数据保持原样。</translation>
    </message>
</context>
<context>
    <name>attachment</name>
    <message>
        <source>Attachment</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Attachments</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Promotion request</source>
        <translation>推广申请</translation>
    </message>
    <message>
        <source>Attached by</source>
        <translation>添加人</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Attached</source>
        <translation>添加时间</translation>
    </message>
    <message>
        <source>At head office</source>
        <translation>已到总部</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>文件是空的。</translation>
    </message>
    <message>
        <source>The file has {size} MB; at most {max} MB can be attached. Make it smaller, or attach a part of it.</source>
        <translation>文件有 {size} MB；附件最大 {max} MB。请缩小文件，或只添加其中一部分。</translation>
    </message>
    <message>
        <source>{name} is not what its name says, so it is not opened. Ask who sent it before you trust it.</source>
        <translation>{name} 的内容与名称不符，因此没有打开。请先向来源核实，再决定是否信任。</translation>
    </message>
    <message>
        <source>The file is not on this computer.</source>
        <translation>文件不在本机上。</translation>
    </message>
    <message>
        <source>The file cannot be kept on this computer ({reason}).</source>
        <translation>此文件无法保存在这台电脑上（{reason}）。</translation>
    </message>
    <message>
        <source>The file on this computer is damaged.</source>
        <translation>本机上的文件已损坏。</translation>
    </message>
    <message>
        <source>There are {max} attachments already; that is the most.</source>
        <translation>已有 {max} 个附件，不能再添加。</translation>
    </message>
    <message>
        <source>The file {name} cannot be read ({reason}).</source>
        <translation>无法读取文件 {name}（{reason}）。</translation>
    </message>
    <message>
        <source>No copy could be written ({reason}).</source>
        <translation>无法写入副本（{reason}）。</translation>
    </message>
    <message>
        <source>{name} is too large to be shown here. Save it where you want it.</source>
        <translation>{name} 太大，无法在这里显示。请另存到您需要的位置。</translation>
    </message>
    <message>
        <source>{name} cannot be shown: it is damaged, or it is not what its name says.</source>
        <translation>{name} 无法显示：文件已损坏，或内容与名称不符。</translation>
    </message>
</context>
<context>
    <name>attachments</name>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
    <message>
        <source>At head office</source>
        <translation>已到总部</translation>
    </message>
    <message>
        <source>Not on this computer yet</source>
        <translation>尚未在本机</translation>
    </message>
    <message>
        <source>On its way, {n} %</source>
        <translation>发送中 {n}%</translation>
    </message>
    <message>
        <source>Coming, {n} %</source>
        <translation>取回中 {n}%</translation>
    </message>
    <message>
        <source>Asked for at head office</source>
        <translation>已向总部请求</translation>
    </message>
</context>
<context>
    <name>colleague</name>
    <message>
        <source>Colleague</source>
        <translation>同事</translation>
    </message>
    <message>
        <source>Colleagues</source>
        <translation>同事</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Medical representative&apos;s rules</source>
        <translation>医药代表规则</translation>
    </message>
    <message>
        <source>Filing as a medical representative</source>
        <translation>医药代表备案号</translation>
    </message>
    <message>
        <source>Filing valid until</source>
        <translation>备案有效期至</translation>
    </message>
</context>
<context>
    <name>connection</name>
    <message>
        <source>This user is set up on this computer already. Open that profile instead.</source>
        <translation>该用户已在本机设置。请打开已有的配置。</translation>
    </message>
    <message>
        <source>Type your user name and password, or an enrolment code.</source>
        <translation>请输入用户名和密码，或注册码。</translation>
    </message>
    <message>
        <source>Type the password that holds now.</source>
        <translation>请输入当前密码。</translation>
    </message>
    <message>
        <source>The password that holds now is another one.</source>
        <translation>当前密码不正确。</translation>
    </message>
    <message>
        <source>User name or password is not right.</source>
        <translation>用户名或密码不正确。</translation>
    </message>
    <message>
        <source>This code is not valid: it lasts 24 hours and is good for one computer.</source>
        <translation>注册码无效：有效期 24 小时，只能用于一台电脑。</translation>
    </message>
    <message>
        <source>This user is disabled at head office.</source>
        <translation>该用户已被总部停用。</translation>
    </message>
    <message>
        <source>Too many attempts. Try again in {seconds} seconds.</source>
        <translation>尝试次数过多。请在 {seconds} 秒后再试。</translation>
    </message>
    <message>
        <source>Head office refused this computer ({reason}).</source>
        <translation>总部拒绝了本机（{reason}）。</translation>
    </message>
    <message>
        <source>The certificate of this address is not trusted on this computer.</source>
        <translation>本机不信任该地址的证书。</translation>
    </message>
    <message>
        <source>The certificate of head office, issued by {issuer}, ended on {day}. Tell your administrator; if that day is still to come, set the clock of this computer.</source>
        <translation>总部的证书（由 {issuer} 颁发）已于 {day} 到期。请告知管理员；如果这一天尚未到来，请校准本机时钟。</translation>
    </message>
    <message>
        <source>The certificate of head office, issued by {issuer}, begins on {day}. Check the clock of this computer.</source>
        <translation>总部的证书（由 {issuer} 颁发）自 {day} 起才生效。请检查本机时钟。</translation>
    </message>
    <message>
        <source>Who answers has a certificate for {names}, not for {host}. Nothing was sent; check the address.</source>
        <translation>应答方的证书属于 {names}，而不是 {host}。未发送任何数据，请检查地址。</translation>
    </message>
    <message>
        <source>The certificate was issued by {issuer}, which this computer does not trust. Nothing was sent; ask your administrator.</source>
        <translation>该证书由 {issuer} 颁发，本机不信任该机构。未发送任何数据，请联系管理员。</translation>
    </message>
    <message>
        <source>This address offers no secure connection (TLS 1.2 or newer). Nothing was sent; ask your administrator.</source>
        <translation>该地址不提供安全连接（TLS 1.2 或更高版本）。未发送任何数据，请联系管理员。</translation>
    </message>
    <message>
        <source>Head office did not answer in time. Try again when the connection is better.</source>
        <translation>总部没有及时回应。请在网络较好时再试。</translation>
    </message>
    <message>
        <source>Another page answered instead of head office. Sign in to this network in a browser first.</source>
        <translation>回应的是其他网页，不是总部。请先用浏览器登录该网络。</translation>
    </message>
    <message>
        <source>There is no KAMDesk head office at this address.</source>
        <translation>该地址没有 KAMDesk 总部。</translation>
    </message>
    <message>
        <source>Head office cannot be reached. Check the address and the connection.</source>
        <translation>无法连接总部。请检查地址和网络。</translation>
    </message>
    <message>
        <source>Type the address of head office, for example kamdesk.example.com.</source>
        <translation>请输入总部地址，例如 kamdesk.example.com。</translation>
    </message>
    <message>
        <source>This address is not encrypted. Head office is reached by an address with https://.</source>
        <translation>该地址未加密。总部的地址应以 https:// 开头。</translation>
    </message>
    <message>
        <source>The two passphrases are not the same.</source>
        <translation>两次输入的口令短语不一致。</translation>
    </message>
    <message>
        <source>This is another user. Sign in as the one whose data this is.</source>
        <translation>这是另一个用户。请以这些数据所属的用户登录。</translation>
    </message>
</context>
<context>
    <name>contract</name>
    <message>
        <source>Contract</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Contracts</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Drafted by</source>
        <translation>起草人</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Notice, days</source>
        <translation>提前通知天数</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Choose the customer.</source>
        <translation>请选择客户。</translation>
    </message>
    <message>
        <source>Give the contract a title.</source>
        <translation>请填写合同名称。</translation>
    </message>
    <message>
        <source>It ends before it begins.</source>
        <translation>结束日期早于开始日期。</translation>
    </message>
    <message>
        <source>Enter the day it begins.</source>
        <translation>请填写开始日期。</translation>
    </message>
    <message>
        <source>Enter the day it ends.</source>
        <translation>请填写结束日期。</translation>
    </message>
    <message>
        <source>Add at least one product.</source>
        <translation>请至少添加一个产品。</translation>
    </message>
    <message>
        <source>Only a draft of your own can be changed.</source>
        <translation>只能修改本人的草稿。</translation>
    </message>
    <message>
        <source>Enter the volume.</source>
        <translation>请填写数量。</translation>
    </message>
    <message>
        <source>A contract has at most {max} products.</source>
        <translation>一份合同最多包含 {max} 个产品。</translation>
    </message>
    <message>
        <source>Choose the product.</source>
        <translation>请选择产品。</translation>
    </message>
    <message>
        <source>The volume is a whole number up to {max}.</source>
        <translation>数量须为整数，最大 {max}。</translation>
    </message>
    <message>
        <source>This is too long: at most {max} characters.</source>
        <translation>内容过长：最多 {max} 个字符。</translation>
    </message>
    <message>
        <source>What you typed about prices is sealed while they are locked. Show prices, then save.</source>
        <translation>价格锁定期间，您填写的价格内容已加密保存。请先显示价格再保存。</translation>
    </message>
</context>
<context>
    <name>contract_line</name>
    <message>
        <source>Contract line</source>
        <translation>合同明细</translation>
    </message>
    <message>
        <source>Contract lines</source>
        <translation>合同明细</translation>
    </message>
    <message>
        <source>Contract</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Pack</source>
        <translation>包装</translation>
    </message>
    <message>
        <source>Volume commitment</source>
        <translation>承诺数量</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
</context>
<context>
    <name>contract_line_floor</name>
    <message>
        <source>Floor price of a line</source>
        <translation>产品行底价</translation>
    </message>
    <message>
        <source>Floor prices of lines</source>
        <translation>产品行底价</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Floor price</source>
        <translation>底价</translation>
    </message>
    <message>
        <source>Contract line</source>
        <translation>合同产品行</translation>
    </message>
</context>
<context>
    <name>contract_line_price</name>
    <message>
        <source>Prices of a line</source>
        <translation>产品行价格</translation>
    </message>
    <message>
        <source>Prices of lines</source>
        <translation>产品行价格</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>List price</source>
        <translation>目录价</translation>
    </message>
    <message>
        <source>Contract price</source>
        <translation>合同价</translation>
    </message>
    <message>
        <source>Net price</source>
        <translation>净价</translation>
    </message>
    <message>
        <source>Rebate</source>
        <translation>返利</translation>
    </message>
    <message>
        <source>Contract line</source>
        <translation>合同产品行</translation>
    </message>
</context>
<context>
    <name>contract_printing</name>
    <message>
        <source>Print this contract</source>
        <translation>打印此合同</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>Save as PDF…</source>
        <translation>保存为 PDF…</translation>
    </message>
    <message>
        <source>Print with prices…</source>
        <translation>打印（含价格）…</translation>
    </message>
    <message>
        <source>Save as PDF with prices…</source>
        <translation>保存为 PDF（含价格）…</translation>
    </message>
</context>
<context>
    <name>crashes</name>
    <message>
        <source>The file could not be written ({reason}). Choose another place.</source>
        <translation>无法写入文件（{reason}）。请选择其他位置。</translation>
    </message>
</context>
<context>
    <name>customer</name>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Customers</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Pinyin</source>
        <translation>拼音</translation>
    </message>
    <message>
        <source>Initials</source>
        <translation>首字母</translation>
    </message>
    <message>
        <source>Also called</source>
        <translation>又名</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>分级</translation>
    </message>
    <message>
        <source>Province</source>
        <translation>省份</translation>
    </message>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>County</source>
        <translation>区县</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Postcode</source>
        <translation>邮编</translation>
    </message>
    <message>
        <source>Latitude, millionths</source>
        <translation>纬度（百万分之一度）</translation>
    </message>
    <message>
        <source>Longitude, millionths</source>
        <translation>经度（百万分之一度）</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>电话</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>Website</source>
        <translation>网站</translation>
    </message>
    <message>
        <source>Belongs to</source>
        <translation>隶属于</translation>
    </message>
    <message>
        <source>Territory</source>
        <translation>辖区</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Only head office changes this field.</source>
        <translation>只有总部可以修改此字段。</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>A value is required.</source>
        <translation>请填写此项。</translation>
    </message>
    <message>
        <source>The value is not of the expected form.</source>
        <translation>格式不正确。</translation>
    </message>
    <message>
        <source>The value is not one of the choices.</source>
        <translation>该值不在可选项中。</translation>
    </message>
    <message>
        <source>The text is too long: {max} characters at the most.</source>
        <translation>文字过长：最多 {max} 个字符。</translation>
    </message>
    <message>
        <source>The field is not known.</source>
        <translation>未知字段。</translation>
    </message>
</context>
<context>
    <name>farewell</name>
    <message>
        <source>{changes} changes and {drafts} half-typed forms that had not been handed in were sealed for head office and sent there.</source>
        <translation>尚未提交的 {changes} 项更改和 {drafts} 份未填完的表单已加密发送给总部。</translation>
    </message>
    <message>
        <source>{changes} changes and {drafts} half-typed forms that had not been handed in are sealed in this file. Send it to your administrator; nobody else can read it:</source>
        <translation>尚未提交的 {changes} 项更改和 {drafts} 份未填完的表单已加密保存在此文件中。请发送给管理员，其他人无法读取：</translation>
    </message>
    <message>
        <source>These could not be handed in, because their prices were locked. Note the prices now, they are not kept; everything else of these changes was sealed for head office too:</source>
        <translation>以下内容因价格已锁定而无法提交。请立即记下价格，它们不会保留；这些修改的其余内容也已加密交给总部：</translation>
    </message>
    <message>
        <source>Everything had been handed in before.</source>
        <translation>所有内容此前均已提交。</translation>
    </message>
    <message>
        <source>Set up this computer again</source>
        <translation>重新设置此电脑</translation>
    </message>
</context>
<context>
    <name>forms</name>
    <message>
        <source>Conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>You and head office changed this. Head office&apos;s value is shown; what you type here settles it.</source>
        <translation>您和总部都修改了此项。现显示总部的值；在此输入即以您输入的为准。</translation>
    </message>
</context>
<context>
    <name>importers</name>
    <message>
        <source>The file is too large to be read here. Split it and import the parts.</source>
        <translation>文件过大，无法在此读取。请拆分后分别导入。</translation>
    </message>
    <message>
        <source>The import was cancelled.</source>
        <translation>导入已取消。</translation>
    </message>
    <message>
        <source>The file has more than {max} rows. Split it and import the parts.</source>
        <translation>文件超过 {max} 行。请拆分后分别导入。</translation>
    </message>
    <message>
        <source>A spreadsheet has shortened this number; it was left out.</source>
        <translation>该号码被表格软件缩写，已略去。</translation>
    </message>
    <message>
        <source>This is not an e-mail address; it was left out.</source>
        <translation>这不是电子邮件地址，已略去。</translation>
    </message>
    <message>
        <source>These are not degrees between -{max} and {max}; the value was left out.</source>
        <translation>不是 -{max} 到 {max} 之间的度数，已略去。</translation>
    </message>
    <message>
        <source>A segment is A, B or C; the value was left out.</source>
        <translation>分级只能是 A、B 或 C，该值已略去。</translation>
    </message>
    <message>
        <source>The quotation mark in line {line} is never closed. Correct the file.</source>
        <translation>第 {line} 行的引号没有闭合，请修正文件。</translation>
    </message>
    <message>
        <source>identical row, left out</source>
        <translation>与前面的行完全相同，已略去</translation>
    </message>
    <message>
        <source>same code</source>
        <translation>编码相同</translation>
    </message>
    <message>
        <source>same name and city</source>
        <translation>名称和城市相同</translation>
    </message>
    <message>
        <source>same name and postcode</source>
        <translation>名称和邮编相同</translation>
    </message>
    <message>
        <source>same name</source>
        <translation>名称相同</translation>
    </message>
    <message>
        <source>same name, form and holder</source>
        <translation>名称、剂型和持有人相同</translation>
    </message>
    <message>
        <source>same name at the same customer</source>
        <translation>同一客户下姓名相同</translation>
    </message>
    <message>
        <source>This is not a text file ({format}). Save the table as csv and choose it again.</source>
        <translation>这不是文本文件（{format}）。请另存为 csv 后重新选择。</translation>
    </message>
    <message>
        <source>Line {line} holds a zero character, as damaged files do. Export the file again.</source>
        <translation>第 {line} 行含有空字符，文件可能已损坏。请重新导出。</translation>
    </message>
    <message>
        <source>The encoding {encoding} is not known.</source>
        <translation>未知的编码 {encoding}。</translation>
    </message>
    <message>
        <source>The file {name} is not there.</source>
        <translation>找不到文件 {name}。</translation>
    </message>
    <message>
        <source>The file is larger than {max} MB. Split it and import the parts.</source>
        <translation>文件超过 {max} MB。请拆分后分别导入。</translation>
    </message>
    <message>
        <source>Line {line} has {found} columns; at most {max} can be read.</source>
        <translation>第 {line} 行有 {found} 列；最多可读取 {max} 列。</translation>
    </message>
    <message>
        <source>A cell in line {line} is longer than {max} characters. Look for a quotation mark that is not closed.</source>
        <translation>第 {line} 行有单元格超过 {max} 个字符。请检查是否有未闭合的引号。</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>文件是空的。</translation>
    </message>
    <message>
        <source>The file {name} cannot be read. Close it in other programs and try again.</source>
        <translation>无法读取文件 {name}。请在其他程序中关闭后重试。</translation>
    </message>
    <message>
        <source>Line {line} is longer than {max} characters; this is not a table.</source>
        <translation>第 {line} 行超过 {max} 个字符，这不是表格。</translation>
    </message>
    <message>
        <source>The file has no column {column}.</source>
        <translation>文件中没有“{column}”列。</translation>
    </message>
    <message>
        <source>The field {field} is not known.</source>
        <translation>未知的字段 {field}。</translation>
    </message>
    <message>
        <source>The file does not tell whether it holds customers, people or products. Choose one.</source>
        <translation>无法判断文件内容是客户、人员还是产品，请选择其一。</translation>
    </message>
    <message>
        <source>The packed file is damaged. Pack or download it again.</source>
        <translation>压缩文件已损坏，请重新压缩或下载。</translation>
    </message>
    <message>
        <source>Choose the column that holds the customer&apos;s name or code.</source>
        <translation>请选择客户名称或客户编码所在的列。</translation>
    </message>
    <message>
        <source>Choose the column that holds the name.</source>
        <translation>请选择名称所在的列。</translation>
    </message>
    <message>
        <source>The row has {found} columns instead of {width}; a delimiter stands in a text.</source>
        <translation>该行有 {found} 列，应为 {width} 列；文字中含有分隔符。</translation>
    </message>
    <message>
        <source>The row has one column instead of {width}.</source>
        <translation>该行只有一列，应为 {width} 列。</translation>
    </message>
    <message>
        <source>The name is missing.</source>
        <translation>缺少名称。</translation>
    </message>
    <message>
        <source>Some characters cannot be read. Save the file as UTF-8 or choose another encoding.</source>
        <translation>部分字符无法识别。请另存为 UTF-8 或选择其他编码。</translation>
    </message>
    <message>
        <source>The name is longer than {max} characters.</source>
        <translation>名称超过 {max} 个字符。</translation>
    </message>
    <message>
        <source>Longer than {max} characters; the end was cut off.</source>
        <translation>超过 {max} 个字符，末尾已截去。</translation>
    </message>
    <message>
        <source>Longer than {max} characters; it was left out.</source>
        <translation>超过 {max} 个字符，已略去。</translation>
    </message>
    <message>
        <source>Longer than {max} characters; the first numbers that fit were kept.</source>
        <translation>超过 {max} 个字符，已保留放得下的前几个号码。</translation>
    </message>
    <message>
        <source>The workbook is protected by a password. Save it without one.</source>
        <translation>工作簿有密码保护，请取消密码后保存。</translation>
    </message>
    <message>
        <source>The workbook is too large to be read whole. Save the sheet as csv and choose that.</source>
        <translation>工作簿过大，无法完整读取。请另存为 csv 后选择该文件。</translation>
    </message>
    <message>
        <source>The file holds no sheet with rows.</source>
        <translation>文件中没有含数据的工作表。</translation>
    </message>
    <message>
        <source>The workbook holds macros. Save it as xlsx, without them.</source>
        <translation>工作簿含有宏，请另存为不含宏的 xlsx。</translation>
    </message>
    <message>
        <source>The sheet has too many columns. Save the columns that you need as csv.</source>
        <translation>工作表列数过多。请将需要的列另存为 csv。</translation>
    </message>
    <message>
        <source>The workbook is damaged and cannot be read. Open it in Excel, save it anew and try again.</source>
        <translation>工作簿已损坏，无法读取。请用 Excel 打开并重新保存后再试。</translation>
    </message>
    <message>
        <source>The row names no customer.</source>
        <translation>该行未填写客户。</translation>
    </message>
    <message>
        <source>None of your customers is “{customer}”. Correct it, or import the customer first.</source>
        <translation>您的客户中没有“{customer}”。请更正，或先导入该客户。</translation>
    </message>
    <message>
        <source>{count} of your customers are “{customer}”. Add a column with the code or the city.</source>
        <translation>您的客户中有 {count} 个“{customer}”。请增加客户编码列或城市列。</translation>
    </message>
    <message>
        <source>Customer: code</source>
        <translation>客户：编码</translation>
    </message>
    <message>
        <source>Customer: name</source>
        <translation>客户：名称</translation>
    </message>
    <message>
        <source>Customer: city</source>
        <translation>客户：城市</translation>
    </message>
    <message>
        <source>This row is a total, not a record; it was left out.</source>
        <translation>这一行是合计，不是记录，已略过。</translation>
    </message>
    <message>
        <source>The workbook has no sheet of that name. It has: {sheets}.</source>
        <translation>工作簿里没有这个名称的工作表。现有：{sheets}。</translation>
    </message>
</context>
<context>
    <name>importing</name>
    <message>
        <source>Your role does not bring in such records. Ask head office to import them.</source>
        <translation>您的岗位不能导入此类数据，请联系总部导入。</translation>
    </message>
</context>
<context>
    <name>issues</name>
    <message>
        <source>What was deleted is no longer known here.</source>
        <translation>本机已不再保存被删除的内容。</translation>
    </message>
    <message>
        <source>This entry is no longer here.</source>
        <translation>此条目已不在这里。</translation>
    </message>
    <message>
        <source>This value does not fit the field.</source>
        <translation>该值不适合此字段。</translation>
    </message>
</context>
<context>
    <name>medical_reps</name>
    <message>
        <source>“{words}” counts what somebody prescribes. Medical representatives may not note that. Take it out.</source>
        <translation>“{words}”涉及处方数量，医药代表不得记录，请删去。</translation>
    </message>
    <message>
        <source>Enter the number under which the institution registered the visit.</source>
        <translation>请填写医疗机构的拜访登记号。</translation>
    </message>
    <message>
        <source>Your filing as a medical representative is not valid on that day. Ask head office to renew it.</source>
        <translation>您的医药代表备案在当天无效，请联系总部更新。</translation>
    </message>
</context>
<context>
    <name>money</name>
    <message>
        <source>Enter the amount as 12000 or 12,000.50.</source>
        <translation>请按 12000 或 12,000.50 的格式输入金额。</translation>
    </message>
    <message>
        <source>This currency has {places} digits after the point.</source>
        <translation>该币种保留 {places} 位小数。</translation>
    </message>
    <message>
        <source>The amount is too large.</source>
        <translation>金额过大。</translation>
    </message>
</context>
<context>
    <name>paper</name>
    <message>
        <source>The printer took nothing. Choose another one, or print into a PDF file where you may write.</source>
        <translation>打印机未接收任何内容。请选择其他打印机，或打印为 PDF 文件并保存到可写入的位置。</translation>
    </message>
    <message>
        <source>Page {n} of {all}</source>
        <translation>第 {n} 页，共 {all} 页</translation>
    </message>
    <message>
        <source>More than {max} rows are too many to print. Narrow the list, or export it (Ctrl+E).</source>
        <translation>超过 {max} 行，无法打印。请缩小列表范围，或导出（Ctrl+E）。</translation>
    </message>
</context>
<context>
    <name>person</name>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>People</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Pinyin</source>
        <translation>拼音</translation>
    </message>
    <message>
        <source>Initials</source>
        <translation>首字母</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>科室</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>职务</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>电话</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Enter the name.</source>
        <translation>请输入姓名。</translation>
    </message>
</context>
<context>
    <name>price_export</name>
    <message>
        <source>Confidential · {name} ({login}) · {time} · computer {device}</source>
        <translation>机密 · {name}（{login}）· {time} · 电脑 {device}</translation>
    </message>
    <message>
        <source>Copied with its prices; the clipboard is emptied in 10 seconds</source>
        <translation>已连同价格复制；剪贴板将在 10 秒后清空</translation>
    </message>
</context>
<context>
    <name>price_words</name>
    <message>
        <source>List</source>
        <translation>标价</translation>
    </message>
    <message>
        <source>Contract</source>
        <translation>合同价</translation>
    </message>
    <message>
        <source>Net</source>
        <translation>净价</translation>
    </message>
    <message>
        <source>Rebate %</source>
        <translation>返利 %</translation>
    </message>
    <message>
        <source>Floor</source>
        <translation>底价</translation>
    </message>
    <message>
        <source>Net value</source>
        <translation>净额</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>a price</source>
        <translation>价格</translation>
    </message>
</context>
<context>
    <name>prices</name>
    <message>
        <source>All prices of a line are in one currency.</source>
        <translation>同一行的价格须使用同一币种。</translation>
    </message>
    <message>
        <source>Enter the price as 1234.50: digits and a point, at most {places} after it.</source>
        <translation>请按 1234.50 的格式输入价格：只用数字和小数点，小数最多 {places} 位。</translation>
    </message>
    <message>
        <source>Enter a percentage from 0 to 100, such as 12.5.</source>
        <translation>请输入 0 到 100 之间的百分比，例如 12.5。</translation>
    </message>
    <message>
        <source>Prices are locked. Unlock them first.</source>
        <translation>价格已锁定，请先解锁。</translation>
    </message>
    <message>
        <source>Your role does not work with prices.</source>
        <translation>您的角色不涉及价格。</translation>
    </message>
    <message>
        <source>Your role does not set the floor price.</source>
        <translation>您的角色不能设定底价。</translation>
    </message>
    <message>
        <source>Prices are closed because this computer has not reached head office for too long. Connect, and they open again. Everything else goes on working.</source>
        <translation>此电脑过久未联系总部，价格已关闭。联网后即可重新打开，其他功能不受影响。</translation>
    </message>
    <message>
        <source>Prices on this computer close in {hours} hours unless it reaches head office before. Connect once; a moment is enough.</source>
        <translation>如不联系总部，此电脑上的价格将在 {hours} 小时后关闭。请联网一次，片刻即可。</translation>
    </message>
    <message>
        <source>The clock of this computer was set back. Set it right; the time for which prices may be opened goes on.</source>
        <translation>此电脑的时钟被调慢了。请校正时间；价格的可用期限仍在继续计算。</translation>
    </message>
    <message>
        <source>Head office took the prices back from this computer. They were deleted here; everything else stays.</source>
        <translation>总部已收回此电脑上的价格，价格已在本机删除，其他数据保留。</translation>
    </message>
</context>
<context>
    <name>product</name>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Products</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>剂型</translation>
    </message>
    <message>
        <source>Route</source>
        <translation>给药途径</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>ATC code</source>
        <translation>ATC 代码</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>promotion_request</name>
    <message>
        <source>Promotion request</source>
        <translation>推广申请</translation>
    </message>
    <message>
        <source>Promotion requests</source>
        <translation>推广申请</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Requested by</source>
        <translation>申请人</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>产品</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>受众</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Estimated amount</source>
        <translation>预计金额</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>币种</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Decided by</source>
        <translation>审批人</translation>
    </message>
    <message>
        <source>Decided on</source>
        <translation>审批日期</translation>
    </message>
    <message>
        <source>Registration of the visit</source>
        <translation>拜访登记号</translation>
    </message>
    <message>
        <source>Choose the customer.</source>
        <translation>请选择客户。</translation>
    </message>
    <message>
        <source>Choose the product.</source>
        <translation>请选择产品。</translation>
    </message>
    <message>
        <source>Enter the date.</source>
        <translation>请输入日期。</translation>
    </message>
    <message>
        <source>The date has passed; a request is made before.</source>
        <translation>日期已过；申请须提前提交。</translation>
    </message>
    <message>
        <source>Say what it is to achieve.</source>
        <translation>请说明要达到的目的。</translation>
    </message>
    <message>
        <source>Enter the estimated amount.</source>
        <translation>请输入预计金额。</translation>
    </message>
    <message>
        <source>The request was handed in; withdraw it to change it.</source>
        <translation>申请已提交；如需修改请先撤回。</translation>
    </message>
    <message>
        <source>Give the reason.</source>
        <translation>请说明原因。</translation>
    </message>
    <message>
        <source>This is too long: at most {max} characters.</source>
        <translation>内容过长：最多 {max} 个字符。</translation>
    </message>
</context>
<context>
    <name>proof</name>
    <message>
        <source>it was missing on this computer</source>
        <translation>本机缺少该记录</translation>
    </message>
    <message>
        <source>head office no longer had it</source>
        <translation>总部已没有该记录</translation>
    </message>
    <message>
        <source>this computer had an older version</source>
        <translation>本机的版本较旧</translation>
    </message>
    <message>
        <source>Proof</source>
        <translation>送达证明</translation>
    </message>
    <message>
        <source>{n} of {count} of the last 35 days are. Signed by head office {time}, receipt {name}.</source>
        <translation>最近 35 天：{n}/{count} 条已送达。总部签名于 {time}，回执 {name}。</translation>
    </message>
    <message>
        <source>Compare now</source>
        <translation>立即核对</translation>
    </message>
    <message>
        <source>Nothing was changed on this computer today.</source>
        <translation>今天本机没有更改。</translation>
    </message>
    <message>
        <source>{n} of {count} of today&apos;s records are at head office</source>
        <translation>今天的 {count} 条记录中，{n} 条已在总部</translation>
    </message>
    <message>
        <source>{n} on the way</source>
        <translation>{n} 条待送达</translation>
    </message>
    <message>
        <source>1 needs you</source>
        <translation>1 条需要您处理</translation>
    </message>
    <message>
        <source>{n} need you</source>
        <translation>{n} 条需要您处理</translation>
    </message>
    <message>
        <source>All proven</source>
        <translation>全部已证实</translation>
    </message>
    <message>
        <source>Needs you</source>
        <translation>需要您处理</translation>
    </message>
    <message>
        <source>On the way</source>
        <translation>待送达</translation>
    </message>
    <message>
        <source>Comparing everything with head office…</source>
        <translation>正在与总部逐项核对…</translation>
    </message>
    <message>
        <source>Everything is compared with head office once a day.</source>
        <translation>每天与总部全面核对一次。</translation>
    </message>
    <message>
        <source>Compared {time}: {n} records; {differences} groups differed and were loaded anew.</source>
        <translation>核对于 {time}：{n} 条记录；{differences} 组不一致，已重新加载。</translation>
    </message>
    <message>
        <source>Compared {time}: {n} records, equal on both sides.</source>
        <translation>核对于 {time}：{n} 条记录，两边一致。</translation>
    </message>
    <message>
        <source>Last difference {time}: {kind} {id}, {how}. It was mended.</source>
        <translation>上次差异 {time}：{kind} {id}，{how}。已修复。</translation>
    </message>
    <message>
        <source>Last problem {time}: {what}</source>
        <translation>上次问题（{time}）：{what}</translation>
    </message>
    <message>
        <source>Since KAMDesk was started: {sent} sent, {received} received.</source>
        <translation>自启动以来：已发送 {sent}，已接收 {received}。</translation>
    </message>
</context>
<context>
    <name>rail</name>
    <message>
        <source>Field</source>
        <translation>外勤</translation>
    </message>
    <message>
        <source>Business</source>
        <translation>业务</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>Customers</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Promotions</source>
        <translation>推广活动</translation>
    </message>
    <message>
        <source>Contracts</source>
        <translation>合同</translation>
    </message>
    <message>
        <source>Team</source>
        <translation>团队</translation>
    </message>
    <message>
        <source>Imports</source>
        <translation>导入</translation>
    </message>
</context>
<context>
    <name>reports</name>
    <message>
        <source>A sheet holds {max} rows at most. Narrow the list and export it again.</source>
        <translation>一个工作表最多 {max} 行。请缩小列表范围后重新导出。</translation>
    </message>
</context>
<context>
    <name>reveal_card</name>
    <message>
        <source>Unlocked prices</source>
        <translation>解锁价格</translation>
    </message>
    <message>
        <source>Saw the prices</source>
        <translation>查看价格</translation>
    </message>
    <message>
        <source>Held a line to see it</source>
        <translation>按住一行查看</translation>
    </message>
    <message>
        <source>Copied prices</source>
        <translation>复制价格</translation>
    </message>
    <message>
        <source>Exported with prices</source>
        <translation>导出（含价格）</translation>
    </message>
    <message>
        <source>Kept a price in a text</source>
        <translation>在文本中保留价格</translation>
    </message>
    <message>
        <source>Printed with prices</source>
        <translation>打印（含价格）</translation>
    </message>
</context>
<context>
    <name>sealed_fields</name>
    <message>
        <source>The sealed text went with the deleted record. Type it again.</source>
        <translation>封存的文字已随被删除的记录一同消失，请重新输入。</translation>
    </message>
    <message>
        <source>Sealed with the prices. Show prices to read it.</source>
        <translation>已与价格一同封存。显示价格后即可阅读。</translation>
    </message>
    <message>
        <source>Sealed with the prices</source>
        <translation>已与价格一同封存</translation>
    </message>
</context>
<context>
    <name>sealed_text</name>
    <message>
        <source>Sealed text</source>
        <translation>封存的文字</translation>
    </message>
    <message>
        <source>Sealed texts</source>
        <translation>封存的文字</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>Kind of record</source>
        <translation>记录类型</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
</context>
<context>
    <name>security</name>
    <message>
        <source>The folder {folder} cannot be made private to your account ({reason}). Choose another folder.</source>
        <translation>文件夹 {folder} 无法设为仅您的账户可用（{reason}）。请选择其他文件夹。</translation>
    </message>
    <message>
        <source>The file {name} could not be written ({reason}). The old one is unchanged.</source>
        <translation>无法写入文件 {name}（{reason}）。原文件未改变。</translation>
    </message>
    <message>
        <source>Your data is in {folder}, which is synchronised or on a network drive: a copy made in the middle of a save damages it. Move it to a folder that stays on this computer, or start KAMDesk with --accept-folder, which saves more slowly.</source>
        <translation>您的数据位于 {folder}，该文件夹会被同步或在网络驱动器上：保存过程中被复制会损坏数据。请把数据移到只在这台电脑上的文件夹，或用 --accept-folder 启动 KAMDesk（保存会变慢）。</translation>
    </message>
    <message>
        <source>The folder {folder} is synchronised by {service}. A copy made in the middle of a save damages the data. Choose a folder that stays on this computer.</source>
        <translation>文件夹 {folder} 由 {service} 同步。保存过程中的复制会损坏数据。请选择只在本机的文件夹。</translation>
    </message>
    <message>
        <source>The folder {folder} is on a network drive, where a save can be lost. Choose a folder on this computer.</source>
        <translation>文件夹 {folder} 在网络驱动器上，保存的内容可能丢失。请选择本机上的文件夹。</translation>
    </message>
    <message>
        <source>KAMDesk is already open with this profile. Use the window that is open.</source>
        <translation>KAMDesk 已用此配置打开。请使用已打开的窗口。</translation>
    </message>
    <message>
        <source>The profile cannot be locked for this program ({reason}). Check that its folder is on this computer and can be written.</source>
        <translation>无法为本程序锁定此配置（{reason}）。请确认其文件夹在本机上并且可写。</translation>
    </message>
    <message>
        <source>A newer KAMDesk wrote the keys of this profile. Update KAMDesk; nothing was changed.</source>
        <translation>此配置的密钥由更新版本的 KAMDesk 写入。请更新 KAMDesk；没有改变任何内容。</translation>
    </message>
    <message>
        <source>The keys of this profile are damaged and so is their copy. Your data was not touched. Put back the file {name} from a backup, or ask head office for help.</source>
        <translation>此配置的密钥及其副本都已损坏。您的数据未被触及。请从备份放回文件 {name}，或向总部求助。</translation>
    </message>
    <message>
        <source>The keys of this profile are missing. Your data was not touched. Put back the file {name} from a backup, or ask head office for help.</source>
        <translation>此配置的密钥缺失。您的数据未被触及。请从备份放回文件 {name}，或向总部求助。</translation>
    </message>
    <message>
        <source>The file {name} cannot be read ({reason}).</source>
        <translation>无法读取文件 {name}（{reason}）。</translation>
    </message>
    <message>
        <source>There is already a profile in {folder}. New keys would make its data unreadable.</source>
        <translation>{folder} 中已有配置。新的密钥会使其数据无法读取。</translation>
    </message>
    <message>
        <source>This computer now uses another key store ({found}) than the one that keeps the key of your data ({recorded}). Switch it back and start again.</source>
        <translation>本机现在使用的密钥库（{found}）与保存您数据密钥的（{recorded}）不同。请切换回去后重新启动。</translation>
    </message>
    <message>
        <source>The key store of this computer no longer has the key of your data. Your data was not touched. Open it with the passphrase, if you set one.</source>
        <translation>本机的密钥库中已没有您数据的密钥。您的数据未被触及。如果设置过口令短语，请用它打开。</translation>
    </message>
    <message>
        <source>The key in the key store of this computer is not the key of your data. Your data was not touched. Open it with the passphrase, if you set one.</source>
        <translation>本机密钥库中的密钥不是您数据的密钥。您的数据未被触及。如果设置过口令短语，请用它打开。</translation>
    </message>
    <message>
        <source>No passphrase was set for this profile.</source>
        <translation>此配置没有设置口令短语。</translation>
    </message>
    <message>
        <source>This is not the passphrase of this profile. Try again.</source>
        <translation>这不是此配置的口令短语。请再试一次。</translation>
    </message>
    <message>
        <source>This computer has no key store. Protect your data with a passphrase instead.</source>
        <translation>本机没有密钥库。请改用口令短语保护您的数据。</translation>
    </message>
    <message>
        <source>The key store set up on this computer ({backend}) does not protect what it keeps. Protect your data with a passphrase instead.</source>
        <translation>本机设置的密钥库（{backend}）不能保护其内容。请改用口令短语保护您的数据。</translation>
    </message>
    <message>
        <source>The key store of this computer stayed locked. Unlock it and try again.</source>
        <translation>本机的密钥库仍处于锁定状态。请解锁后再试。</translation>
    </message>
    <message>
        <source>The key store of this computer did not answer. It may be waiting for its password in another window. Answer there and try again.</source>
        <translation>本机的密钥库没有回应。它可能在另一个窗口等待输入密码。请在那里输入后再试。</translation>
    </message>
    <message>
        <source>The key store of this computer ({backend}) does not return what it was given. Protect your data with a passphrase instead.</source>
        <translation>本机的密钥库（{backend}）不能如实返回存入的内容。请改用口令短语保护您的数据。</translation>
    </message>
    <message>
        <source>The key store of this computer took no new entry ({reason}). It may be full. Remove old entries and try again, or use a passphrase.</source>
        <translation>本机的密钥库无法存入新条目（{reason}）。可能已满。请删除旧条目后再试，或使用口令短语。</translation>
    </message>
    <message>
        <source>The key store of this computer reported an error ({reason}). Try again.</source>
        <translation>本机的密钥库报告错误（{reason}）。请再试一次。</translation>
    </message>
    <message>
        <source>Use at least {shortest} characters for the password.</source>
        <translation>密码至少需要 {shortest} 个字符。</translation>
    </message>
    <message>
        <source>Use at most {longest} characters for the password.</source>
        <translation>密码最多 {longest} 个字符。</translation>
    </message>
    <message>
        <source>This password is easy to guess. Use a few words that only you connect.</source>
        <translation>这个密码容易被猜到。请使用几个只有您会联想到一起的词。</translation>
    </message>
    <message>
        <source>Use at least {shortest} characters for the passphrase.</source>
        <translation>口令短语至少需要 {shortest} 个字符。</translation>
    </message>
    <message>
        <source>Use at most {longest} characters for the passphrase.</source>
        <translation>口令短语最多 {longest} 个字符。</translation>
    </message>
</context>
<context>
    <name>signing_out</name>
    <message>
        <source>Sign out</source>
        <translation>退出登录</translation>
    </message>
    <message>
        <source>Sign out of this profile?</source>
        <translation>退出此用户？</translation>
    </message>
    <message>
        <source>Your data stays on this computer, sealed, and opens when you sign in again.</source>
        <translation>您的数据仍加密保存在这台电脑上，再次登录时打开。</translation>
    </message>
    <message>
        <source>1 change was not sent yet: it stays with it, and is sent when you are back.</source>
        <translation>有 1 项更改尚未发送：它会一起保留，并在您回来后发送。</translation>
    </message>
    <message>
        <source>{n} changes were not sent yet: they stay with it, and are sent when you are back.</source>
        <translation>有 {n} 项更改尚未发送：它们会一起保留，并在您回来后发送。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>speech</name>
    <message>
        <source>Head office cannot be reached. Your work is kept here.</source>
        <translation>无法连接总部。您的工作已保存在本机。</translation>
    </message>
    <message>
        <source>Head office did not answer in time. Your work is kept here.</source>
        <translation>总部没有及时回应。您的工作已保存在本机。</translation>
    </message>
    <message>
        <source>The connection was closed.</source>
        <translation>连接已关闭。</translation>
    </message>
    <message>
        <source>The proxy of this network refused the connection.</source>
        <translation>该网络的代理拒绝了连接。</translation>
    </message>
    <message>
        <source>This network asks for a sign-in of its own. Open a browser and sign in there.</source>
        <translation>该网络需要单独登录。请打开浏览器登录。</translation>
    </message>
    <message>
        <source>The answer could not be read; it did not come from head office. Nothing was changed.</source>
        <translation>无法读取回应；它不是来自总部。没有改变任何内容。</translation>
    </message>
    <message>
        <source>There is no KAMDesk head office at this address.</source>
        <translation>该地址没有 KAMDesk 总部。</translation>
    </message>
    <message>
        <source>Head office has a problem. KAMDesk tries again by itself.</source>
        <translation>总部出现问题。KAMDesk 会自动重试。</translation>
    </message>
    <message>
        <source>Head office is busy. KAMDesk tries again by itself.</source>
        <translation>总部繁忙。KAMDesk 会自动重试。</translation>
    </message>
    <message>
        <source>Something unexpected happened. Nothing is lost; it is tried again.</source>
        <translation>发生了意外情况。没有丢失任何内容；会自动重试。</translation>
    </message>
    <message>
        <source>Sign in again to reconcile. Your work is kept here.</source>
        <translation>请重新登录以便同步。您的工作已保存在本机。</translation>
    </message>
    <message>
        <source>Head office has shut this computer out. Ask your administrator.</source>
        <translation>总部已停用本机。请联系管理员。</translation>
    </message>
    <message>
        <source>Another computer uses the name of this one. Sign in again to give it a new one.</source>
        <translation>另一台电脑使用了本机的名称。请重新登录以获得新名称。</translation>
    </message>
    <message>
        <source>Head office had the data on this computer deleted.</source>
        <translation>总部已要求删除此电脑上的数据。</translation>
    </message>
    <message>
        <source>Head office has the data on this computer deleted.</source>
        <translation>总部正在删除此电脑上的数据。</translation>
    </message>
    <message>
        <source>Your user is disabled at head office. Ask your administrator.</source>
        <translation>您的用户已被总部停用。请联系管理员。</translation>
    </message>
    <message>
        <source>Another head office answers at this address. Nothing was changed.</source>
        <translation>该地址回应的是另一个总部。没有改变任何内容。</translation>
    </message>
    <message>
        <source>The answer was not signed by your head office. Nothing of it was taken in.</source>
        <translation>该应答没有您总部的签名，未采用其中任何内容。</translation>
    </message>
    <message>
        <source>Head office runs an older version and has to be updated first.</source>
        <translation>总部运行的版本较旧，需要先更新。</translation>
    </message>
    <message>
        <source>KAMDesk has to be updated. Your work is still handed in.</source>
        <translation>KAMDesk 需要更新。您的工作仍会上交。</translation>
    </message>
    <message>
        <source>Head office was restored more than once within an hour. Ask your administrator.</source>
        <translation>总部在一小时内恢复了不止一次。请联系管理员。</translation>
    </message>
    <message>
        <source>The clock of this computer is off by {minutes} minutes.</source>
        <translation>本机时钟相差 {minutes} 分钟。</translation>
    </message>
    <message>
        <source>Head office did not understand this computer. Nothing is lost; tell your administrator.</source>
        <translation>总部无法理解本机的请求。没有丢失任何内容；请告知管理员。</translation>
    </message>
    <message>
        <source>The disk or the folder of your data is read-only.</source>
        <translation>您数据所在的磁盘或文件夹是只读的。</translation>
    </message>
    <message>
        <source>Your data cannot be read with its key. Nothing was changed.</source>
        <translation>无法用密钥读取您的数据。没有改变任何内容。</translation>
    </message>
    <message>
        <source>Your data on this computer is damaged. Nothing was changed.</source>
        <translation>本机上您的数据已损坏。没有改变任何内容。</translation>
    </message>
    <message>
        <source>Another program holds your data. It is tried again.</source>
        <translation>另一个程序占用了您的数据。会自动重试。</translation>
    </message>
    <message>
        <source>The disk reported an error. It is tried again.</source>
        <translation>磁盘报告错误。会自动重试。</translation>
    </message>
    <message>
        <source>The disk is full. Free some space; nothing is lost.</source>
        <translation>磁盘已满。请释放空间；没有丢失任何内容。</translation>
    </message>
    <message>
        <source>Somebody changed its state in the meantime.</source>
        <translation>其间有人改变了它的状态。</translation>
    </message>
    <message>
        <source>The record was deleted at head office.</source>
        <translation>该记录已在总部删除。</translation>
    </message>
    <message>
        <source>Head office does not have this record.</source>
        <translation>总部没有该记录。</translation>
    </message>
    <message>
        <source>Your role may not do this.</source>
        <translation>您的角色无权执行此操作。</translation>
    </message>
    <message>
        <source>Head office took the prices back from this computer.</source>
        <translation>总部已收回这台电脑上的价格。</translation>
    </message>
    <message>
        <source>Only the owner may do this.</source>
        <translation>只有所有者可以执行此操作。</translation>
    </message>
    <message>
        <source>The customer is no longer in your territory.</source>
        <translation>该客户已不在您的辖区。</translation>
    </message>
    <message>
        <source>Only head office changes this field.</source>
        <translation>只有总部可以修改此字段。</translation>
    </message>
    <message>
        <source>The report is closed; amend it instead.</source>
        <translation>报告已关闭；请改为修订。</translation>
    </message>
    <message>
        <source>The contract is in review; withdraw it to change it.</source>
        <translation>合同正在审核；请先撤回再修改。</translation>
    </message>
    <message>
        <source>The request was handed in; withdraw it to change it.</source>
        <translation>申请已提交；如需修改请先撤回。</translation>
    </message>
    <message>
        <source>The amount was changed in the meantime; look at it again.</source>
        <translation>其间金额已更改；请重新查看。</translation>
    </message>
    <message>
        <source>“{words}” counts what somebody prescribes; medical representatives may not note that.</source>
        <translation>“{words}”涉及处方数量，医药代表不得记录。</translation>
    </message>
    <message>
        <source>No filing as a medical representative is valid on that day.</source>
        <translation>当天没有有效的医药代表备案。</translation>
    </message>
    <message>
        <source>The institution&apos;s registration of the visit is missing.</source>
        <translation>缺少医疗机构的拜访登记号。</translation>
    </message>
    <message>
        <source>There is such a record already.</source>
        <translation>已有这样的记录。</translation>
    </message>
    <message>
        <source>A required value is missing.</source>
        <translation>缺少必填的值。</translation>
    </message>
    <message>
        <source>A value is too long.</source>
        <translation>某个值过长。</translation>
    </message>
    <message>
        <source>A value is not of the expected form.</source>
        <translation>某个值的格式不正确。</translation>
    </message>
    <message>
        <source>Head office is older and does not know this kind of record.</source>
        <translation>总部版本较旧，不认识这类记录。</translation>
    </message>
    <message>
        <source>Head office is older and does not know this field.</source>
        <translation>总部版本较旧，不认识此字段。</translation>
    </message>
    <message>
        <source>Head office is older and does not know this action.</source>
        <translation>总部版本较旧，不认识此操作。</translation>
    </message>
    <message>
        <source>This KAMDesk is too old for head office; update it first.</source>
        <translation>此 KAMDesk 对总部来说太旧；请先更新。</translation>
    </message>
    <message>
        <source>Head office does not have this file yet: it waits on the computer of who attached it.</source>
        <translation>总部还没有这个文件：它仍在添加者的电脑上。</translation>
    </message>
    <message>
        <source>What came was not this file. It can be fetched again.</source>
        <translation>收到的不是这个文件。可以重新取回。</translation>
    </message>
    <message>
        <source>The file cannot be kept on this computer. Free some space and fetch it again.</source>
        <translation>此文件无法保存在这台电脑上。请腾出一些空间，然后重新获取。</translation>
    </message>
    <message>
        <source>The file on this computer is damaged.</source>
        <translation>本机上的文件已损坏。</translation>
    </message>
    <message>
        <source>It belongs to a change that was refused.</source>
        <translation>它属于一项被拒绝的更改。</translation>
    </message>
    <message>
        <source>Head office answered: {code}. Your work is kept here.</source>
        <translation>总部回应：{code}。您的工作已保存在本机。</translation>
    </message>
    <message>
        <source>The folder for your data cannot be used ({reason}). Nothing was changed.</source>
        <translation>无法使用您的数据文件夹（{reason}）。没有改变任何内容。</translation>
    </message>
    <message>
        <source>Head office deletes unusually many records. Nothing was deleted here; decide in Changes.</source>
        <translation>总部要删除的记录异常之多。本机未删除任何记录，请在“更改”中决定。</translation>
    </message>
    <message>
        <source>This KAMDesk is too old to hand in. Your work is kept here: update the program, then it is sent.</source>
        <translation>此版本的 KAMDesk 太旧，无法上交。您的工作保存在本机：更新程序后即会发送。</translation>
    </message>
    <message>
        <source>This computer was away for long. Everything is loaded anew; your work is kept here.</source>
        <translation>本机长时间未同步，将重新载入全部内容；您的工作保存在本机。</translation>
    </message>
</context>
<context>
    <name>store</name>
    <message>
        <source>The store on this computer cannot be read with its key. Nothing was changed.</source>
        <translation>无法用密钥读取本机的数据。没有改变任何内容。</translation>
    </message>
    <message>
        <source>The store on this computer is damaged. Nothing was changed; a copy can be restored.</source>
        <translation>本机的数据已损坏。没有改变任何内容；可以恢复副本。</translation>
    </message>
    <message>
        <source>Your data could not be brought to the form of this version. Nothing was changed: the version that you had before still opens it. Please send the diagnostic bundle.</source>
        <translation>无法把您的数据转换为此版本的格式。没有任何改动：您之前的版本仍可打开它。请发送诊断包。</translation>
    </message>
    <message>
        <source>The disk is full. What you typed is still here; free some space and save again.</source>
        <translation>磁盘已满。您输入的内容还在；请释放空间后再保存。</translation>
    </message>
    <message>
        <source>Another program holds the store. Try again in a moment.</source>
        <translation>另一个程序占用了数据。请稍后再试。</translation>
    </message>
    <message>
        <source>The disk reported an error. What you typed is still here; save again.</source>
        <translation>磁盘报告错误。您输入的内容还在；请再保存一次。</translation>
    </message>
    <message>
        <source>The store is not encrypted, so KAMDesk does not open it.</source>
        <translation>数据没有加密，因此 KAMDesk 不会打开它。</translation>
    </message>
    <message>
        <source>A newer KAMDesk wrote this store. Update KAMDesk on this computer; nothing was changed.</source>
        <translation>此数据由更新版本的 KAMDesk 写入。请更新本机的 KAMDesk；没有改变任何内容。</translation>
    </message>
    <message>
        <source>There is a store already; it was not touched.</source>
        <translation>已有数据；未被触及。</translation>
    </message>
    <message>
        <source>The store of this profile is missing or empty. Nothing was created in its place.</source>
        <translation>此配置的数据缺失或为空。没有新建任何内容来替代。</translation>
    </message>
    <message>
        <source>There is too little room on the disk for a copy of your data. Free some space; the data itself is safe.</source>
        <translation>磁盘空间不足，无法制作数据副本。请释放一些空间；数据本身是安全的。</translation>
    </message>
    <message>
        <source>This is not the store that the keys belong to; perhaps an old copy was put back.</source>
        <translation>这不是密钥所属的数据；可能放回了旧副本。</translation>
    </message>
    <message>
        <source>Your data on this computer was damaged. Close KAMDesk and start it again: it restores a backup and what was not sent yet.</source>
        <translation>本机上的数据已损坏。请关闭并重新启动 KAMDesk：届时可恢复备份以及尚未发送的内容。</translation>
    </message>
    <message>
        <source>The file of your data was moved or deleted while KAMDesk was open. What you typed is still here. Put the file back, or close KAMDesk and start it again.</source>
        <translation>KAMDesk 运行期间，您的数据文件被移动或删除。您输入的内容仍在此处。请将文件放回原处，或关闭并重新启动 KAMDesk。</translation>
    </message>
    <message>
        <source>An older copy of your data was put back. What you did since then is kept apart and can be restored.</source>
        <translation>放回的是较旧的数据副本。此后您所做的工作已另行保存，可以恢复。</translation>
    </message>
    <message>
        <source>Nothing can be saved: the disk or the folder of your data is read-only. What you typed is still here; make it writable and save again.</source>
        <translation>无法保存：存放数据的磁盘或文件夹为只读。您输入的内容仍在这里；请将其设为可写后重新保存。</translation>
    </message>
    <message>
        <source>Your data can be read but not changed: its disk or folder is read-only. To work on, make it writable and start KAMDesk again.</source>
        <translation>您的数据可以查看，但不能更改：所在的磁盘或文件夹为只读。如需继续工作，请将其设为可写后重新启动 KAMDesk。</translation>
    </message>
    <message>
        <source>This KAMDesk has to update your data, but its disk or folder is read-only. Make it writable and start KAMDesk again; nothing was changed.</source>
        <translation>此版本的 KAMDesk 需要更新您的数据，但所在的磁盘或文件夹为只读。请将其设为可写后重新启动 KAMDesk；数据未作任何更改。</translation>
    </message>
    <message>
        <source>The disk is nearly full. Free some space: your work is saved as long as there is room, but no backups are made.</source>
        <translation>磁盘快满了。请腾出一些空间：只要还有空间，您的工作仍会保存，但不再制作备份。</translation>
    </message>
    <message>
        <source>The disk is full. What you saved is safe, but it took the room that KAMDesk keeps in reserve. Free some space now; the next save may not succeed.</source>
        <translation>磁盘已满。您保存的内容是安全的，但动用了 KAMDesk 预留的空间。请立即腾出空间；下一次保存可能不成功。</translation>
    </message>
</context>
<context>
    <name>task</name>
    <message>
        <source>Task</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>优先级</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>For</source>
        <translation>负责人</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>From visit</source>
        <translation>来自拜访</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Say what is to be done.</source>
        <translation>请写明要做什么。</translation>
    </message>
</context>
<context>
    <name>unlock</name>
    <message>
        <source>The two are not the same.</source>
        <translation>两次输入不一致。</translation>
    </message>
    <message>
        <source>Price passphrase</source>
        <translation>价格口令</translation>
    </message>
    <message>
        <source>Choose a price passphrase</source>
        <translation>设置价格口令</translation>
    </message>
    <message>
        <source>The same again</source>
        <translation>再次输入</translation>
    </message>
    <message>
        <source>Show prices</source>
        <translation>显示价格</translation>
    </message>
    <message>
        <source>It opens the prices on this computer and is kept nowhere; head office cannot tell it.</source>
        <translation>用于在本机打开价格，不会保存在任何地方；总部也无法告知。</translation>
    </message>
    <message>
        <source>Forgotten the passphrase…</source>
        <translation>忘记了口令…</translation>
    </message>
    <message>
        <source>Nobody can tell you the old one. Choose another one and sign in at head office, which needs a connection: it sends the prices again.</source>
        <translation>没有人能找回原来的口令。请设置新的口令并登录总部（需要联网），总部会重新发送价格。</translation>
    </message>
    <message>
        <source>1 change with prices that was not sent can never be read again and is given up.</source>
        <translation>有 1 项含价格的更改尚未发送，将无法再读取，只能放弃。</translation>
    </message>
    <message>
        <source>{n} changes with prices that were not sent can never be read again and are given up.</source>
        <translation>有 {n} 项含价格的更改尚未发送，将无法再读取，只能放弃。</translation>
    </message>
    <message>
        <source>Choose another price passphrase</source>
        <translation>设置新的价格口令</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Password at head office</source>
        <translation>总部密码</translation>
    </message>
    <message>
        <source>or enrolment code</source>
        <translation>或注册码</translation>
    </message>
    <message>
        <source>New price passphrase</source>
        <translation>新的价格口令</translation>
    </message>
    <message>
        <source>Sign in and open prices</source>
        <translation>登录并打开价格</translation>
    </message>
</context>
<context>
    <name>veils</name>
    <message>
        <source>Train mode: hold a line to read it; F9 ends it</source>
        <translation>列车模式：按住某一行即可查看，按 F9 结束</translation>
    </message>
</context>
<context>
    <name>visit</name>
    <message>
        <source>Visit</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>拜访</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Recorded by</source>
        <translation>记录人</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>时区</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>目的</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Next step</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Next step due</source>
        <translation>下一步期限</translation>
    </message>
    <message>
        <source>Met</source>
        <translation>见到的人</translation>
    </message>
    <message>
        <source>Products discussed</source>
        <translation>讨论的产品</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Recorded</source>
        <translation>记录时间</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Amends</source>
        <translation>修订自</translation>
    </message>
    <message>
        <source>Amended by</source>
        <translation>被修订为</translation>
    </message>
    <message>
        <source>Late</source>
        <translation>迟报</translation>
    </message>
    <message>
        <source>Choose the customer.</source>
        <translation>请选择客户。</translation>
    </message>
    <message>
        <source>Enter the date.</source>
        <translation>请输入日期。</translation>
    </message>
    <message>
        <source>Enter the time as 09:30.</source>
        <translation>请按 09:30 的形式输入时间。</translation>
    </message>
    <message>
        <source>The date is in the future. Plan the visit instead, or correct the date.</source>
        <translation>日期在将来。请改为计划拜访，或更正日期。</translation>
    </message>
    <message>
        <source>Say what the visit was for.</source>
        <translation>请写明拜访的目的。</translation>
    </message>
    <message>
        <source>Say how the visit ended.</source>
        <translation>请写明拜访的结果。</translation>
    </message>
    <message>
        <source>Say what comes next.</source>
        <translation>请写明下一步。</translation>
    </message>
    <message>
        <source>This is too long: at most {max} characters.</source>
        <translation>内容过长：最多 {max} 个字符。</translation>
    </message>
    <message>
        <source>Give the reason.</source>
        <translation>请说明原因。</translation>
    </message>
</context>
<context>
    <name>visits</name>
    <message>
        <source>receipt {name}, {time}</source>
        <translation>回执 {name}，{time}</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>Planned</source>
        <translation>已计划</translation>
    </message>
    <message>
        <source>In progress</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>Completed</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Could not see them</source>
        <translation>没有见到</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Missed</source>
        <translation>未见到</translation>
    </message>
    <message>
        <source>Submitted</source>
        <translation>已提交</translation>
    </message>
    <message>
        <source>Reviewed</source>
        <translation>已审阅</translation>
    </message>
    <message>
        <source>Amended</source>
        <translation>已修订</translation>
    </message>
    <message>
        <source>Reported</source>
        <translation>已报告</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>未完成</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Given up</source>
        <translation>已放弃</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>低</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>High</source>
        <translation>高</translation>
    </message>
    <message>
        <source>Visit in person</source>
        <translation>上门拜访</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>远程</translation>
    </message>
    <message>
        <source>Joint visit</source>
        <translation>协同拜访</translation>
    </message>
    <message>
        <source>Market visit</source>
        <translation>市场走访</translation>
    </message>
    <message>
        <source>Saved on this computer</source>
        <translation>已保存在本机</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>已发送</translation>
    </message>
    <message>
        <source>Needs you</source>
        <translation>需要您处理</translation>
    </message>
    <message>
        <source>Confirmed by head office</source>
        <translation>已由总部确认</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>更改</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Submit</source>
        <translation>提交</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>审阅</translation>
    </message>
    <message>
        <source>Amend</source>
        <translation>修订</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>Returned</source>
        <translation>已退回</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>批准</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>撤回</translation>
    </message>
    <message>
        <source>Department meeting</source>
        <translation>科室会</translation>
    </message>
    <message>
        <source>Academic conference</source>
        <translation>学术会议</translation>
    </message>
    <message>
        <source>Patient education</source>
        <translation>患者教育</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>培训</translation>
    </message>
    <message>
        <source>Materials</source>
        <translation>资料</translation>
    </message>
    <message>
        <source>Other promotion</source>
        <translation>其他推广</translation>
    </message>
    <message>
        <source>Hospital</source>
        <translation>医院</translation>
    </message>
    <message>
        <source>Distributor</source>
        <translation>经销商</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>代理商</translation>
    </message>
    <message>
        <source>Bidding office</source>
        <translation>招标机构</translation>
    </message>
    <message>
        <source>Pharma client</source>
        <translation>药企客户</translation>
    </message>
    <message>
        <source>Sales</source>
        <translation>销售</translation>
    </message>
    <message>
        <source>Agency</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Distribution</source>
        <translation>配送</translation>
    </message>
    <message>
        <source>Deposit</source>
        <translation>寄售</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>草稿</translation>
    </message>
    <message>
        <source>In review</source>
        <translation>审核中</translation>
    </message>
    <message>
        <source>Negotiation</source>
        <translation>谈判中</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>已签署</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>生效</translation>
    </message>
    <message>
        <source>Up for renewal</source>
        <translation>待续签</translation>
    </message>
    <message>
        <source>Renewed</source>
        <translation>已续签</translation>
    </message>
    <message>
        <source>Expired</source>
        <translation>已到期</translation>
    </message>
    <message>
        <source>Suspended</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>已终止</translation>
    </message>
    <message>
        <source>Prices approved</source>
        <translation>价格已批准</translation>
    </message>
    <message>
        <source>Approved by legal</source>
        <translation>法务已批准</translation>
    </message>
    <message>
        <source>Representative</source>
        <translation>医药代表</translation>
    </message>
    <message>
        <source>Key account manager</source>
        <translation>大客户经理</translation>
    </message>
    <message>
        <source>Regional manager</source>
        <translation>大区经理</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Tomorrow</source>
        <translation>明天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>in {n} days</source>
        <translation>{n} 天后</translation>
    </message>
    <message>
        <source>{n} days ago</source>
        <translation>{n} 天前</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>全部时间</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>Last month</source>
        <translation>上月</translation>
    </message>
    <message>
        <source>This quarter</source>
        <translation>本季度</translation>
    </message>
    <message>
        <source>Last 90 days</source>
        <translation>近 90 天</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>Pricing office</source>
        <translation>价格招标部</translation>
    </message>
    <message>
        <source>Legal</source>
        <translation>法务合规</translation>
    </message>
    <message>
        <source>Finance</source>
        <translation>财务</translation>
    </message>
    <message>
        <source>Quality assurance</source>
        <translation>质量管理</translation>
    </message>
    <message>
        <source>General manager</source>
        <translation>总经理</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>管理员</translation>
    </message>
</context>
<context>
    <name>work</name>
    <message>
        <source>This record is no longer on this computer.</source>
        <translation>该记录已不在本机。</translation>
    </message>
</context>
</TS>
